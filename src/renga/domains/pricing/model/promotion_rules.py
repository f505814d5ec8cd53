"""Is a promotion valid? All problems at once."""

import re
from collections.abc import Iterable, Iterator

from renga.domains.pricing.contract import (
    AmountOff,
    BundlePrice,
    BuyXGetY,
    ChannelsCondition,
    CheapestFree,
    CountriesCondition,
    CurrenciesCondition,
    DatesCondition,
    FixedPrice,
    GiftLine,
    HoursCondition,
    OrderCondition,
    PromotionAction,
    PromotionDraft,
    PromotionInvalid,
    QuantityCondition,
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

#: Members of conditions that are texts of other owners: ids, slugs, names, codes.
_NAMED = frozenset({"products", "skus", "collections", "categories", "brands", "groups", "methods"})
TEXT_CHARS_MAX = 200
_COUNTRY = re.compile("[A-Z]{2}")
_CHANNEL = re.compile("[a-z0-9][a-z0-9_-]{0,39}")
_TIME = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")


def checked_promotion(draft: PromotionDraft) -> PromotionDraft:
    """The draft. What the types say (bounds of numbers, lengths) is checked where JSON is read. Raises PromotionInvalid."""
    problems = list(promotion_problems(draft))
    if problems:
        raise PromotionInvalid(problems)
    return draft


def promotion_problems(draft: PromotionDraft) -> Iterator[Problem]:
    """Path and reason of everything that is wrong."""
    yield from _times(draft.starts_at, draft.ends_at, "")
    if not draft.name.strip():
        yield "name", "is not empty"
    if draft.merchant is not None:
        yield from _texts("merchant", (draft.merchant,))
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
            if any(most < condition.at_least.get(one, 0) for one, most in (condition.at_most or {}).items()):
                yield f"{path}.at_most", "is not less than at_least"
        case QuantityCondition():
            if condition.at_most is not None and condition.at_most < condition.at_least:
                yield f"{path}.at_most", "is not less than at_least"
        case CountriesCondition():
            if not all(_COUNTRY.fullmatch(one) for one in condition.countries):
                yield f"{path}.countries", "are two capital letters of ISO 3166-1 each"
        case ChannelsCondition():
            if not all(_CHANNEL.fullmatch(one) for one in condition.channels):
                yield f"{path}.channels", "have from 1 to 40 lower-case letters, digits, _ and - each"
        case HoursCondition():
            yield from _hours(condition, path)
        case CurrenciesCondition():
            yield from _currencies(f"{path}.currencies", condition.currencies)
        case DatesCondition():
            yield from _times(condition.starts_at, condition.ends_at, f"{path}.")
        case _:
            for name in _NAMED & set(condition.__struct_fields__):
                yield from _texts(f"{path}.{name}", getattr(condition, name))


def _hours(condition: HoursCondition, path: str) -> Iterator[Problem]:
    for name, text in (("starts", condition.starts), ("ends", condition.ends)):
        if not _TIME.fullmatch(text):
            yield f"{path}.{name}", "is a time of day such as 18:00"
    if condition.starts == condition.ends:
        yield f"{path}.ends", "is another time than starts"


def _texts(path: str, texts: Iterable[str]) -> Iterator[Problem]:
    if not all(one.strip() and len(one) <= TEXT_CHARS_MAX for one in texts):
        yield path, f"has from 1 to {TEXT_CHARS_MAX} characters"


def _action(action: PromotionAction, path: str) -> Iterator[Problem]:
    match action:
        case AmountOff() | FixedPrice():
            yield from _amounts(f"{path}.amounts", action.amounts)
        case BundlePrice():
            yield from _amounts(f"{path}.amounts", action.amounts)
            for number, part in enumerate(action.parts):
                if (problem := sku_problem(part.sku)) is not None:
                    yield f"{path}.parts[{number}].sku", problem
        case BuyXGetY():
            for number, condition in enumerate(action.of):
                yield from _condition(condition, f"{path}.of[{number}]")
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
    begins = [each for tier in tiers for each in (tier.amounts or {}).items()]
    if len(set(begins)) < len(begins):
        yield f"{path}.tiers", "begin at different amounts"


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
