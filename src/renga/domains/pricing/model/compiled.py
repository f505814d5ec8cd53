"""A promotion prepared for many quotes: moments parsed, conditions as predicates, the keys under which it is found."""

from collections.abc import Callable, Sequence

from renga.domains.pricing.contract import (
    BuyXGetY,
    ChannelsCondition,
    CountriesCondition,
    CurrenciesCondition,
    CustomerGroupsCondition,
    DatesCondition,
    FirstOrderCondition,
    FreeShipping,
    GiftLine,
    HoursCondition,
    OnAttribute,
    OnBrands,
    OnCategories,
    OnCollections,
    OnProducts,
    OnVariants,
    OrderCondition,
    PaymentMethodsCondition,
    Promotion,
    PromotionAction,
    QuantityCondition,
    ReducedShipping,
    SubtotalCondition,
    WeekdaysCondition,
)
from renga.domains.pricing.model.basket import PromotionBasket, condition_tokens
from renga.domains.pricing.model.situation import Situation
from renga.kernel.clock import from_rfc3339

#: Kinds of conditions and actions.
ON_LINES = (OnProducts, OnVariants, OnCollections, OnCategories, OnBrands, OnAttribute)
NOT_ON_ITEMS = frozenset({"gift", "free_shipping", "reduced_shipping"})
Predicate = Callable[[Situation], bool]

#: Promotions of equal priority are applied in this order of their first action.
STAGES = {
    "fixed_price": 0, "bundle_price": 1, "buy_x_get_y": 2, "cheapest_free": 3, "percent": 4, "tiers": 5, "amount": 6,
    "gift": 7, "reduced_shipping": 8, "free_shipping": 9,
}  # fmt: skip


class CompiledPromotion:
    """``key``: promotions are applied in ascending order of it."""

    def __init__(self, promotion: Promotion) -> None:
        self.promotion = promotion
        self.id = promotion.id
        self.key = (promotion.priority, min(STAGES[_tag(action)] for action in promotion.actions), promotion.id)
        self.starts_ms = _moment(promotion.starts_at)
        self.ends_ms = _moment(promotion.ends_at)
        self.needs_code = bool(promotion.codes) or promotion.code_batches
        #: (tokens, exclude) of each condition on lines
        self.selectors = tuple(
            (condition_tokens(one), one.exclude) for one in promotion.conditions if isinstance(one, ON_LINES)
        )
        self.quantities = tuple(one for one in promotion.conditions if isinstance(one, QuantityCondition))
        self.subtotals = tuple(one for one in promotion.conditions if isinstance(one, SubtotalCondition))
        #: ends of hours that begin on the day before
        nights = [one.ends for one in promotion.conditions if isinstance(one, HoursCondition) and one.ends < one.starts]
        self.predicates = tuple(
            _predicate(one, nights)
            for one in promotion.conditions
            if not isinstance(one, (*ON_LINES, QuantityCondition, SubtotalCondition))
        )
        self.after_discounts = any(one.when == "after_discounts" for one in self.subtotals)
        #: actions with their tags: on lines, on deliveries
        tagged = tuple((_tag(one), one) for one in promotion.actions)
        self.on_items = tuple((tag, one) for tag, one in tagged if tag not in NOT_ON_ITEMS)
        self.on_charges = tuple(one for one in promotion.actions if isinstance(one, FreeShipping | ReducedShipping))
        self.gifts = tuple((one.sku, one.quantity) for one in promotion.actions if isinstance(one, GiftLine))
        #: touches lines that it does not select, or deliveries
        self.reaches_beyond = bool(self.on_charges) or any(
            isinstance(one, BuyXGetY) and bool(one.of) for one in promotion.actions
        )

    def started(self, now_ms: int) -> bool:
        return self.starts_ms is None or self.starts_ms <= now_ms

    def ended(self, now_ms: int) -> bool:
        return self.ends_ms is not None and self.ends_ms <= now_ms

    def fits(self, situation: Situation) -> bool:
        """The order's conditions that do not depend on what is bought."""
        return all(predicate(situation) for predicate in self.predicates)

    def selection(self, basket: PromotionBasket) -> int:
        """The mask of the lines that meet every condition on lines."""
        mask = basket.of_merchant(self.promotion.merchant)
        for tokens, exclude in self.selectors:
            met = basket.having(tokens)
            mask &= ~met if exclude else met
        return mask

    def index_tokens(self) -> tuple[str, ...]:
        """It applies only to baskets or situations that have one of these; none: it must always be tried."""
        positive = [tokens for tokens, exclude in self.selectors if not exclude]
        if positive:
            return min(positive, key=len)
        if self.promotion.merchant is not None:
            return (f"m:{self.promotion.merchant}",)
        for condition in self.promotion.conditions:
            tokens = _situation_tokens(condition)
            if tokens:
                return tokens
        return ()


def _tag(action: PromotionAction) -> str:
    return str(type(action).__struct_config__.tag)


def _moment(text: str | None) -> int | None:
    return None if text is None else from_rfc3339(text)


def _situation_tokens(condition: object) -> tuple[str, ...]:
    match condition:
        case CustomerGroupsCondition():
            return tuple(f"g:{one}" for one in condition.groups)
        case PaymentMethodsCondition():
            return tuple(f"y:{one}" for one in condition.methods)
        case CountriesCondition():
            return tuple(f"o:{one}" for one in condition.countries)
        case ChannelsCondition():
            return tuple(f"h:{one}" for one in condition.channels)
        case CurrenciesCondition():
            return tuple(f"u:{one}" for one in condition.currencies)
        case _:
            return ()


def _predicate(condition: OrderCondition, nights: Sequence[str]) -> Predicate:
    match condition:
        case CustomerGroupsCondition():
            groups = frozenset(condition.groups)
            return lambda s: not groups.isdisjoint(s.terms.verified.groups)
        case FirstOrderCondition():
            return lambda s: s.history.orders == 0
        case ChannelsCondition():
            return lambda s: s.terms.channel in condition.channels
        case CountriesCondition():
            return lambda s: s.country in condition.countries
        case CurrenciesCondition():
            return lambda s: s.currency in condition.currencies
        case PaymentMethodsCondition():
            return lambda s: s.payment is not None and s.payment.method in condition.methods
        case WeekdaysCondition():
            return lambda s: s.weekday_before(nights) in condition.days
        case HoursCondition():
            return lambda s: _within(condition.starts, condition.ends, s.time_of_day)
        case DatesCondition():
            return _dates(_moment(condition.starts_at), _moment(condition.ends_at))
    raise TypeError(f"{type(condition).__name__} is looked at when a promotion is applied")


def _within(starts: str, ends: str, time: str) -> bool:
    return starts <= time < ends if starts < ends else time >= starts or time < ends


def _dates(starts_ms: int | None, ends_ms: int | None) -> Predicate:
    def within(situation: Situation) -> bool:
        now = situation.now_ms
        return (starts_ms is None or starts_ms <= now) and (ends_ms is None or now < ends_ms)

    return within
