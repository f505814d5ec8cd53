"""Is a promotion valid? All problems at once."""

from collections.abc import Iterable, Iterator

from renga.domains.pricing.contract import (
    AmountOff,
    BundlePrice,
    CheapestFree,
    CurrenciesCondition,
    DatesCondition,
    FixedPrice,
    GiftLine,
    OrderCondition,
    PromotionAction,
    PromotionDraft,
    PromotionInvalid,
    ReducedShipping,
    SubtotalCondition,
    Tier,
    TieredDiscount,
)
from renga.domains.pricing.contract.conditions import Amounts, LineCondition
from renga.domains.pricing.model.promotion_index import normalised_code
from renga.kernel.clock import from_rfc3339
from renga.kernel.money import AMOUNT_MAX, CURRENCIES
from renga.kernel.sku import sku_problem

Problem = tuple[str, str]


def checked_promotion(draft: PromotionDraft) -> PromotionDraft:
    """The draft. What the types say (bounds of numbers, lengths) is checked where JSON is read. Raises PromotionInvalid."""
    problems = list(promotion_problems(draft))
    if problems:
        raise PromotionInvalid(problems)
    return draft


def promotion_problems(draft: PromotionDraft) -> Iterator[Problem]:
    """Path and reason of everything that is wrong."""
    yield from _times(draft.starts_at, draft.ends_at, "")
    codes = [normalised_code(code) for code in draft.codes]
    if not all(codes) or len(set(codes)) < len(codes):
        yield "codes", "are not empty and differ, without regard to case and surrounding space"
    if draft.funded_by == "merchant" and draft.merchant is None:
        yield "funded_by", "a merchant bears only discounts of its own promotions: set merchant"
    if (draft.limits.uses or draft.limits.uses_per_customer) and draft.limits.uses_per_customer is not None:
        most = draft.limits.uses
        if most is not None and draft.limits.uses_per_customer > most:
            yield "limits.uses_per_customer", "is not more than limits.uses"
    yield from _amounts("limits.amount_max", draft.limits.amount_max)
    for number, condition in enumerate(draft.conditions):
        yield from _condition(condition, f"conditions[{number}]")
    for number, action in enumerate(draft.actions):
        yield from _action(action, f"actions[{number}]")


def _condition(condition: LineCondition | OrderCondition, path: str) -> Iterator[Problem]:
    match condition:
        case SubtotalCondition():
            yield from _amounts(f"{path}.at_least", condition.at_least)
            yield from _amounts(f"{path}.at_most", condition.at_most)
        case CurrenciesCondition():
            yield from _currencies(f"{path}.currencies", condition.currencies)
        case DatesCondition():
            yield from _times(condition.starts_at, condition.ends_at, f"{path}.")


def _action(action: PromotionAction, path: str) -> Iterator[Problem]:
    match action:
        case AmountOff() | FixedPrice() | BundlePrice():
            yield from _amounts(f"{path}.amounts", action.amounts)
        case GiftLine() if (problem := sku_problem(action.sku)) is not None:
            yield f"{path}.sku", problem
        case CheapestFree() if action.free >= action.every:
            yield f"{path}.free", "is less than every: else all units are free"
        case ReducedShipping():
            given = [one for one in (action.basis_points, action.amounts, action.fixed) if one is not None]
            if len(given) != 1:
                yield path, "has exactly one of basis_points, amounts and fixed"
            yield from _amounts(f"{path}.amounts", action.amounts)
            yield from _amounts(f"{path}.fixed", action.fixed)
        case TieredDiscount():
            yield from _tiers(action.tiers, path)


def _tiers(tiers: tuple[Tier, ...], path: str) -> Iterator[Problem]:
    for number, tier in enumerate(tiers):
        where = f"{path}.tiers[{number}]"
        if (tier.quantity is None) == (tier.amounts is None):
            yield where, "has exactly one of quantity and amounts"
        if (tier.basis_points is None) == (tier.off is None):
            yield where, "has exactly one of basis_points and off"
        yield from _amounts(f"{where}.amounts", tier.amounts)
        yield from _amounts(f"{where}.off", tier.off)
    if len({tier.quantity is None for tier in tiers}) > 1:
        yield f"{path}.tiers", "count units or amounts, not both"
    quantities = [tier.quantity for tier in tiers if tier.quantity is not None]
    if len(set(quantities)) < len(quantities):
        yield f"{path}.tiers", "begin at different quantities"


def _amounts(path: str, amounts: Amounts | None) -> Iterator[Problem]:
    if amounts is None:
        return
    yield from _currencies(path, amounts)
    if any(amount > AMOUNT_MAX for amount in amounts.values()):
        yield path, f"is at most {AMOUNT_MAX} minor units"


def _currencies(path: str, currencies: Iterable[str]) -> Iterator[Problem]:
    for currency in currencies:
        if currency not in CURRENCIES:
            yield path, f"{currency[:10]!r} is no active currency of ISO 4217"


def _times(starts_at: str | None, ends_at: str | None, path: str) -> Iterator[Problem]:
    moments = []
    for name, text in (("starts_at", starts_at), ("ends_at", ends_at)):
        if text is not None:
            try:
                moments.append(from_rfc3339(text))
            except ValueError:
                yield f"{path}{name}", "is no moment of RFC 3339"
    if len(moments) == 2 and moments[0] >= moments[1]:
        yield f"{path}ends_at", "is after starts_at"
