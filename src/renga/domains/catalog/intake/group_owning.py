"""For which customer groups a product may have prices: the shop's and those of its own merchant.

A price for another merchant's group would tell who its customers are, and would let a merchant's group act on others' products.
Prices that are there already stay, whatever their group; if the product moves to another merchant, all of them count as new.
"""

from collections.abc import Iterator

from renga.domains.catalog.contract import SHOP_MERCHANT, Product, RowInvalid
from renga.domains.catalog.model import Draft
from renga.kernel.group_codes import may_price

REASON = "is a customer group of another merchant"


def check_groups(draft: Draft, current: Product | None) -> None:
    """Raises RowInvalid."""
    if fields := list(foreign_groups(draft, current)):
        raise RowInvalid([(field, REASON) for field in fields])


def foreign_groups(draft: Draft, current: Product | None) -> Iterator[str]:
    """The fields of new prices for groups of other merchants, alike if they do not exist."""
    merchant = draft.merchant or (SHOP_MERCHANT if current is None else current.merchant)
    kept = set()
    if current is not None and current.merchant == merchant:
        kept = {(variant.sku, entry.group) for variant in current.variants for entry in variant.price_list}
    for at, variant in enumerate(draft.variants):
        for number, entry in enumerate(variant.price_list):
            group = entry.group
            if group is not None and (variant.sku, group) not in kept and not may_price(group, merchant):
                yield f"variants[{at}].price_list[{number}].group"
