"""Gift cards pay first; what they leave needs a method, and nothing is asked for if they leave nothing."""

import pytest

from renga.domains.orders.contract.errors import CheckoutIncomplete
from tests.orders.shop import Shop


async def test_gift_cards_that_pay_all_need_no_method(shop: Shop) -> None:
    await shop.stocked("MUG")
    code = await shop.gift_card(10_000)
    placed = await shop.place(await shop.ready({"MUG": 1}, payment=None, gift_cards=[code]), token=None)
    assert placed.order
    assert (placed.order.state, [(one.method, one.amount.amount) for one in placed.order.payment.means]) == (
        "paid",
        [("gift_card", 6990)],
    )
    assert (await shop.left("MUG"), shop.provider.calls) == (9, [])


@pytest.mark.parametrize(
    ("method", "missing"), [(None, "payment_method_required"), ({"method": "card"}, "payment_token_required")]
)
async def test_what_gift_cards_leave_needs_a_method_and_nothing_is_held(
    shop: Shop, method: object, missing: str
) -> None:
    await shop.stocked("MUG")
    code = await shop.gift_card(6989)
    checkout = await shop.ready({"MUG": 1}, payment=method, gift_cards=[code])
    with pytest.raises(CheckoutIncomplete) as refused:
        await shop.place(checkout, token=None)
    assert [one["code"] for one in refused.value.extra["requirements"]] == [missing]
    assert (await shop.left("MUG"), shop.provider.calls, await shop.count("orders")) == (10, [], 0)
