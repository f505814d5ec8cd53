"""POST /v1/checkouts/{id}/place: what becomes of it, and what is refused without a trace."""

import asyncio

import pytest

from renga.domains.orders.contract import CheckoutBusy, CheckoutEnded, QuoteChanged
from renga.domains.orders.contract.errors import CheckoutIncomplete, OrderOutOfStock, OrderPaymentDeclined
from renga.domains.pricing.contract import CouponExhausted
from renga.kernel.once import IdempotencyConflict
from tests.orders.counter import GUEST
from tests.orders.shop import Shop
from tests.pricing.shop import percent


async def test_a_card_buys(shop: Shop) -> None:
    await shop.stocked("MUG", 5000, quantity=10)
    checkout = await shop.ready({"MUG": 2})
    placed = await shop.place(checkout)
    order = placed.order
    assert order is not None
    assert (placed.state, order.state, order.payment_state, order.fulfilment_state) == (
        "placed", "paid", "paid", "unfulfilled",
    )  # fmt: skip
    assert order.total.amount == 2 * 5000 + 1990
    assert [(one.sku, one.ordered, one.current, one.fulfilled) for one in order.lines] == [("MUG", 2, 2, 0)]
    parts = [(part.merchant, part.items.amount, part.shipping.amount, part.total.amount) for part in order.parts]
    assert parts == [("house", 10_000, 0, 10_000), (None, 0, 1990, 1990)]
    payment = await shop.payment_of(order)
    assert (payment.state, payment.captured.amount) == ("captured", 11_990)
    assert shop.provider.taken == 11_990
    assert await shop.left("MUG") == 8
    assert [one.type for one in order.events] == ["OrderPlaced", "OrderPaid"]
    assert await shop.event_types() == ["CheckoutOpened", "OrderPlaced", "OrderPaid"]
    assert (await shop.read(checkout)).state == "completed"
    assert (await shop.cart.carts.read(GUEST, checkout.cart_id)).state == "completed"
    await shop.tell(2)
    assert await shop.read_order(order) == order, "news that is old changes nothing"
    with pytest.raises(CheckoutEnded):
        await shop.place(checkout)


async def test_the_same_key_from_fifty_callers_is_one_order_and_fifty_equal_answers(shop: Shop) -> None:
    await shop.stocked("MUG", quantity=60)
    checkout = await shop.ready({"MUG": 1})
    made = await asyncio.gather(*(shop.place(checkout, key="k", token="tok_x") for _ in range(50)))
    assert len({one.order.id for one in made if one.order}) == 1
    assert all(one.order == made[0].order for one in made)
    assert sum(not one.replayed for one in made) == 1
    assert (await shop.count("orders"), await shop.count("attempts")) == (1, 1)
    assert (shop.provider.count("authorise"), shop.provider.taken, await shop.left("MUG")) == (1, 6990, 59)
    with pytest.raises(IdempotencyConflict):
        await shop.place(checkout, key="k", token="tok_y")


async def test_other_keys_meanwhile_are_refused(shop: Shop) -> None:
    await shop.stocked("MUG")
    checkout = await shop.ready({"MUG": 1})
    made = await asyncio.gather(*(shop.place(checkout) for _ in range(8)), return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in made) == 1
    assert all(isinstance(one, CheckoutBusy | CheckoutEnded) for one in made if isinstance(one, BaseException))
    assert (await shop.count("orders"), shop.provider.count("authorise"), await shop.left("MUG")) == (1, 1, 9)


async def test_a_declined_card_leaves_everything_as_it_was(shop: Shop) -> None:
    await shop.stocked("MUG")
    checkout = await shop.ready({"MUG": 1})
    shop.provider.script("authorise", "refuse", reason="insufficient_funds")
    for _ in range(2):
        with pytest.raises(OrderPaymentDeclined) as refused:
            await shop.place(checkout, key="k", token="tok_x")
        assert refused.value.extra == {"reason": "insufficient_funds"}
    assert (await shop.count("orders"), await shop.left("MUG"), shop.provider.taken) == (0, 10, 0)
    assert (await shop.read(checkout)).state == "open"
    assert (await shop.place(checkout)).state == "placed", "the checkout lives on"


async def test_what_others_have_bought_is_out_of_stock(shop: Shop) -> None:
    await shop.stocked("MUG", quantity=3)
    checkout = await shop.ready({"MUG": 3})
    await shop.bought({"MUG": 1})
    with pytest.raises(OrderOutOfStock) as short:
        await shop.place(checkout)
    assert short.value.extra == {"left": [{"sku": "MUG", "wanted": 3, "available": 2}]}
    assert (await shop.count("orders"), await shop.left("MUG"), shop.provider.count("authorise")) == (1, 2, 1)
    assert (await shop.read(checkout)).state == "open"


async def test_one_piece_and_twenty_buyers(shop: Shop) -> None:
    await shop.stocked("MUG", quantity=1)
    checkouts = [await shop.ready({"MUG": 1}) for _ in range(20)]
    made = await asyncio.gather(*(shop.place(one) for one in checkouts), return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in made) == 1
    assert all(isinstance(one, OrderOutOfStock) for one in made if isinstance(one, BaseException))
    assert (await shop.count("orders"), await shop.left("MUG"), shop.provider.taken) == (1, 0, 6990)


async def test_a_coupon_of_one_use_and_twenty_buyers(shop: Shop) -> None:
    await shop.stocked("MUG", quantity=50)
    await shop.house.promote(percent(1000), codes=["ONCE"], limits={"uses": 1})
    checkouts = [await shop.ready({"MUG": 1}, coupons=["ONCE"]) for _ in range(20)]
    assert checkouts[0].quote.total.amount == 6490
    made = await asyncio.gather(*(shop.place(one) for one in checkouts), return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in made) == 1
    assert all(isinstance(one, CouponExhausted | QuoteChanged) for one in made if isinstance(one, BaseException))
    assert (await shop.count("orders"), await shop.left("MUG"), shop.provider.taken) == (1, 49, 6490)


async def test_a_dearer_quote_asks_again_and_its_id_is_the_consent(shop: Shop) -> None:
    await shop.stocked("MUG")
    checkout = await shop.ready({"MUG": 1})
    await shop.price("MUG", 6000)
    shop.clock.advance(seconds=1000)
    with pytest.raises(QuoteChanged) as changed:
        await shop.place(checkout)
    assert changed.value.quote.total.amount == 7990
    assert await shop.count("attempts") == 0
    with pytest.raises(QuoteChanged):
        await shop.place(checkout)
    placed = await shop.place(checkout, quote_id=changed.value.quote.id)
    assert placed.order
    assert placed.order.total.amount == 7990


async def test_within_its_life_a_quote_is_honoured_and_a_better_price_is_given(shop: Shop) -> None:
    await shop.stocked("MUG")
    dearer, cheaper = await shop.ready({"MUG": 1}), await shop.ready({"MUG": 1})
    await shop.price("MUG", 6000)
    assert (await shop.place(dearer)).order.total.amount == 6990  # type: ignore[union-attr]
    await shop.price("MUG", 4000)
    assert (await shop.place(cheaper)).order.total.amount == 5990  # type: ignore[union-attr]


async def test_what_is_missing_is_said(shop: Shop) -> None:
    await shop.stocked("MUG")
    checkout = await shop.ready({"MUG": 1}, email=None)
    with pytest.raises(CheckoutIncomplete) as missing:
        await shop.place(checkout)
    assert [one["code"] for one in missing.value.extra["requirements"]] == ["email_required"]
    checkout = await shop.change(checkout, email="ana@example.com")
    with pytest.raises(CheckoutIncomplete) as missing:
        await shop.place(checkout, token=None)
    assert [one["path"] for one in missing.value.extra["requirements"]] == ["$.payment.token"]
    assert await shop.count("attempts") == 0


async def test_gift_cards_pay_first_and_the_card_what_is_left(shop: Shop) -> None:
    await shop.stocked("MUG", 5000)
    small, large = await shop.gift_card(2000), await shop.gift_card(9000)
    order = await shop.bought({"MUG": 1}, gift_cards=[small])
    assert [(one.method, one.amount.amount) for one in order.payment.means] == [("gift_card", 2000), ("card", 4990)]
    assert (order.state, shop.provider.taken) == ("paid", 4990)
    order = await shop.bought({"MUG": 1}, gift_cards=[small, large])
    assert [(one.method, one.amount.amount) for one in order.payment.means] == [("gift_card", 6990)]
    assert (order.state, shop.provider.taken) == ("paid", 4990)
