"""Ways of delivery that a quote offers, and the days on which it arrives."""

from datetime import date, timedelta

import pytest

from renga.domains.pricing.contract import PricingPolicy, ShippingCharge, ShippingOptionUnknown
from renga.domains.pricing.model.delivery_options import business_day, delivery
from renga.domains.pricing.model.situation import local_time
from renga.domains.pricing.settings import PricingSettings, ShippingSettingInvalid
from tests.pricing.house import House
from tests.pricing.test_estimates import estimate


async def test_a_quote_says_what_else_could_be_chosen_for_delivery_and_when_it_arrives(house: House) -> None:
    await house.sell("MUG", 1000)
    await house.sell("SONG", 300, variant={"digital": True})
    cart = await house.cart_of({"MUG": 1})
    quote = await estimate(house, cart, country="BR")
    (option,) = quote.delivery_options
    assert (quote.ships, option.option, option.title, option.price.amount) == (True, "standard", "Standard", 1990)
    today = local_time(PricingPolicy(), house.clock.now_ms()).date()
    assert (option.earliest, option.latest) == (business_day(today, 3), business_day(today, 8))
    nowhere = await estimate(house, cart)
    assert (nowhere.ships, nowhere.delivery_options) == (True, ())
    song = await estimate(house, await house.cart_of({"SONG": 1}), country="BR")
    assert (song.ships, song.delivery_options) == (False, ())


def test_only_options_that_carry_every_parcel_are_offered_and_at_the_pace_of_the_slowest() -> None:
    def rate(option: str, merchant: str, amount: int, days: tuple[int, int] | None) -> ShippingCharge:
        return ShippingCharge(
            id=f"{merchant}-{option}", option=option, title=option, amount=amount, merchant=merchant, days=days
        )

    rates = [
        rate("post", "a", 1, (3, 8)), rate("post", "b", 2, (5, 6)), rate("bike", "a", 9, (0, 0)),
        rate("van", "a", 20, (1, 1)), rate("van", "b", 30, None),
    ]  # fmt: skip
    monday = date(2026, 11, 30)
    found = delivery(rates, "van", "BRL", monday)
    assert [(one.option, one.price.amount, one.earliest, one.latest) for one in found.options] == [
        ("post", 3, "2026-12-07", "2026-12-10"), ("van", 50, None, None),
    ]  # fmt: skip
    assert [one.id for one in found.charges] == ["a-van", "b-van"]
    assert [one.id for one in delivery(rates, None, "BRL", monday).charges] == ["a-post", "b-post"]
    with pytest.raises(ShippingOptionUnknown):
        delivery(rates, "bike", "BRL", monday)


@pytest.mark.parametrize("start", [date(2026, 11, 27 + n) if n < 4 else date(2026, 12, n - 3) for n in range(7)])
@pytest.mark.parametrize("days", range(12))
def test_business_days_are_counted_one_by_one(start: date, days: int) -> None:
    day, left = start, days
    while left or day.weekday() > 4:
        day += timedelta(days=1)
        left -= day.weekday() <= 4 and left > 0
    assert business_day(start, days) == day.isoformat()


@pytest.mark.parametrize("text", ["3", "8-3", "3-8-9", "-1-2", "a-b", "1-1000"])
def test_days_of_delivery_that_are_none(text: str) -> None:
    with pytest.raises(ShippingSettingInvalid):
        PricingSettings(shipping_days=text).delivery_days()
    assert PricingSettings(shipping_days=" 3-8 ").delivery_days() == (3, 8)
    assert PricingSettings(shipping_days="").delivery_days() is None
