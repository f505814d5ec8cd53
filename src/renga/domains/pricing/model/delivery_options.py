"""Ways of delivery that a buyer can choose from. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from renga.domains.pricing.contract import DeliveryOption, ShippingCharge, ShippingOptionUnknown
from renga.kernel.money import Money

#: Saturday, in ``date.weekday``.
_SATURDAY = 5


class ChosenDelivery(Struct, frozen=True, kw_only=True):
    """The chosen charges, and what there was to choose; ``ships``: something has to be delivered."""

    charges: Sequence[ShippingCharge] = ()
    options: tuple[DeliveryOption, ...] = ()
    ships: bool = False


def delivery(rates: Sequence[ShippingCharge], option: str | None, currency: str, today: date) -> ChosenDelivery:
    """The chosen option, or the cheapest charge of each merchant. Raises ShippingOptionUnknown."""
    options = tuple(_option(group, currency, today) for group in _whole(rates).values())
    if option is not None:
        return ChosenDelivery(charges=chosen_rates(rates, option), options=options, ships=True)
    cheapest: dict[str | None, ShippingCharge] = {}
    for one in rates:
        cheapest.setdefault(one.merchant, one)
    return ChosenDelivery(charges=list(cheapest.values()), options=options, ships=True)


def chosen_rates(rates: Sequence[ShippingCharge], option: str) -> Sequence[ShippingCharge]:
    """A parcel that is not sent in this way would else cost nothing. Raises ShippingOptionUnknown."""
    chosen = _whole(rates).get(option)
    if chosen is None:
        options = dict.fromkeys(one.option for one in rates)
        raise ShippingOptionUnknown(f"{option[:40]!r} is no way of delivery there", options=list(options))
    return chosen


def business_day(today: date, days: int) -> str:
    """The date so many days from Monday to Friday after today."""
    weeks, rest = divmod(days, 5)
    # counted from the last business day
    back = max(today.weekday() - _SATURDAY + 1, 0) if days else 0
    day = today + timedelta(weeks=weeks, days=-back)
    while rest or day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
        rest -= rest > 0 and day.weekday() < _SATURDAY
    return day.isoformat()


def _whole(rates: Sequence[ShippingCharge]) -> dict[str, list[ShippingCharge]]:
    """Charges by option, of the options that carry every parcel."""
    merchants = {one.merchant for one in rates}
    groups: dict[str, list[ShippingCharge]] = {}
    for one in rates:
        groups.setdefault(one.option, []).append(one)
    return {name: group for name, group in groups.items() if {one.merchant for one in group} == merchants}


def _option(group: Sequence[ShippingCharge], currency: str, today: date) -> DeliveryOption:
    spans = [one.days for one in group if one.days is not None]
    known = len(spans) == len(group)
    return DeliveryOption(
        option=group[0].option,
        title=group[0].title,
        price=Money(sum(one.amount for one in group), currency),
        earliest=business_day(today, max(first for first, _ in spans)) if known else None,
        latest=business_day(today, max(last for _, last in spans)) if known else None,
    )
