"""What promotions work on: items and deliveries, with bit masks of the items that have a product, a brand, a category …

Bit n of a mask stands for item n. Selecting lines is then a few operations on whole numbers, however many lines there are.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from renga.domains.pricing.contract import (
    AttributeFact,
    LineCondition,
    OfferFacts,
    OnAttribute,
    OnBrands,
    OnCategories,
    OnCollections,
    OnProducts,
    OnVariants,
    ShippingCharge,
)
from renga.domains.pricing.model.items import PricedItem


class PromotionBasket:
    """``amounts`` and ``fees`` are before discounts."""

    def __init__(self, items: Sequence[PricedItem], charges: Sequence[ShippingCharge]) -> None:
        self.items = items
        self.charges = charges
        self.amounts = tuple(item.amount for item in items)
        self.units = tuple(item.units for item in items)
        self.fees = tuple(charge.amount for charge in charges)
        self.all = (1 << len(items)) - 1
        self._positions: dict[int, tuple[int, ...]] = {}
        self.by_sku = {item.sku: position for position, item in enumerate(items)}
        #: the items that have a token; masks are made of those that are asked for
        self.tokens: defaultdict[str, list[int]] = defaultdict(list)
        self._masks: dict[str, int] = {}
        for position, item in enumerate(items):
            for token in item_tokens(item.facts):
                self.tokens[token].append(position)

    def positions(self, mask: int) -> tuple[int, ...]:
        """The items of a mask; many promotions ask for the same masks."""
        found = self._positions.get(mask)
        if found is None:
            found = self._positions[mask] = tuple(bits(mask))
        return found

    def of_merchant(self, merchant: str | None) -> int:
        """The lines that a promotion of the merchant may touch; None: the shop's, every line."""
        return self.all if merchant is None else self._mask(f"m:{merchant}")

    def having(self, tokens: Sequence[str]) -> int:
        """The lines that have one of these."""
        mask = 0
        for token in tokens:
            if token in self.tokens:
                mask |= self._mask(token)
        return mask

    def _mask(self, token: str) -> int:
        mask = self._masks.get(token)
        if mask is None:
            mask = 0
            for position in self.tokens.get(token, ()):
                mask |= 1 << position
            self._masks[token] = mask
        return mask


def bits(mask: int) -> Iterator[int]:
    """The positions of the ones, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def item_tokens(facts: OfferFacts) -> list[str]:
    """Everything by which a condition may select the item; some may come twice."""
    tokens = [f"s:{facts.sku}", f"p:{facts.product_id}", f"m:{facts.merchant}"]
    if facts.brand is not None:
        tokens.append(f"b:{facts.brand}")
    tokens += [f"c:{slug}" for slug in facts.categories]
    tokens += [f"l:{slug}" for slug in facts.collections]
    for code, value in facts.attributes.items():
        values = value if isinstance(value, tuple) else (value,)
        tokens += [attribute_token(code, one) for one in values]
    return tokens


def attribute_token(code: str, value: AttributeFact) -> str:
    """Equal numbers have equal tokens; true is not 1."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"a:{code}={value!r}"


def condition_tokens(condition: LineCondition) -> tuple[str, ...]:
    """A line meets the condition if it has one of these (``exclude``: none)."""
    match condition:
        case OnProducts():
            return tuple(f"p:{one}" for one in condition.products)
        case OnVariants():
            return tuple(f"s:{one}" for one in condition.skus)
        case OnCollections():
            return tuple(f"l:{one}" for one in condition.collections)
        case OnCategories():
            return tuple(f"c:{one}" for one in condition.categories)
        case OnBrands():
            return tuple(f"b:{one}" for one in condition.brands)
        case OnAttribute():
            return tuple(attribute_token(condition.code, one) for one in condition.values)
