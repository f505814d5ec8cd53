"""Pix, boleto and challenges: orders that wait for a buyer's money, and what becomes of them."""

from typing import Any

import pytest

from renga.domains.orders import goods, hear_payments
from renga.domains.orders.contract import CheckoutBusy
from renga.domains.orders.contract.errors import NothingPlaced, OrderPaymentDeclined
from renga.domains.orders.contract.orders import Order
from renga.domains.orders.hear_payments import follow_payment, hear_cancelled
from renga.domains.payments.contract.payments import Payment
from renga.domains.payments.contract.service import CaptureRequest, RefundRequest
from renga.kernel.errors import Unavailable
from tests.orders.counter import GUEST
from tests.orders.shop import FINANCE, Shop
from tests.orders.shop import KEEPER as STOCK
from tests.pricing.shop import percent

PIX: dict[str, Any] = {"payment": {"method": "pix"}}


async def awaiting(shop: Shop, quantity: int = 1) -> Order:
    placed = await shop.place(await shop.ready({"MUG": quantity}, **PIX), token=None)
    assert placed.order
    assert placed.state == "awaiting_payment"
    return placed.order


async def test_a_pix_waits_is_paid_and_is_an_order(shop: Shop) -> None:
    await shop.stocked("MUG")
    order = await awaiting(shop, 2)
    assert (order.state, order.payment_state) == ("awaiting_payment", "pending")
    assert order.payment.pix
    assert order.payment.pix.payload.startswith("00020126")
    assert await shop.left("MUG") == 8
    shop.provider.paid("sim_1")
    await shop.hears("sim_1")
    await shop.tell(2)
    paid = await shop.read_order(order)
    assert (paid.state, paid.payment_state, paid.payment.pix) == ("paid", "paid", None)
    assert [one.type for one in paid.events] == ["OrderPlaced", "OrderPaid"]
    assert await shop.event_types() == ["CheckoutOpened", "OrderPlaced", "OrderPaid"]
    shop.clock.advance(seconds=3600)
    assert (await shop.left("MUG"), shop.provider.taken) == (8, 11_990)


async def test_a_boleto_holds_the_goods_for_business_days(shop: Shop) -> None:
    await shop.stocked("MUG")
    checkout = await shop.ready({"MUG": 1}, payment={"method": "boleto"}, tax_id="11144477735")
    placed = await shop.place(checkout, token=None)
    assert placed.order
    assert (placed.state, len(placed.order.payment.boleto.line)) == ("awaiting_payment", 47)  # type: ignore[union-attr]
    assert placed.order.payment.pix is None
    shop.clock.advance(seconds=4 * 86_400)
    assert await shop.left("MUG") == 9


async def test_a_pix_that_nobody_pays_is_cancelled_and_holds_nothing(shop: Shop) -> None:
    await shop.stocked("MUG")
    order = await awaiting(shop)
    shop.provider.change("sim_1", state="expired")
    await shop.hears("sim_1")
    await shop.tell(2)
    ended = await shop.read_order(order)
    assert (ended.state, ended.payment_state, ended.cancel_reason, ended.fulfilment_state) == (
        "cancelled", "failed", "payment_expired", "cancelled",
    )  # fmt: skip
    assert [(one.kind, one.amount.amount) for one in ended.adjustments] == [("cancelled", -6990)]
    assert (await shop.event_types())[-1] == "OrderCancelled"
    assert await shop.left("MUG") == 10


async def test_late_money_revives_the_order_at_its_old_price(shop: Shop) -> None:
    await shop.stocked("MUG")
    await shop.house.promote(percent(1000), codes=["ONCE"], limits={"uses": 1})
    checkout = await shop.ready({"MUG": 1}, coupons=["ONCE"], **PIX)
    order = (await shop.place(checkout, token=None)).order
    assert order
    shop.provider.change("sim_1", state="expired")
    await shop.hears("sim_1")
    await shop.tell(2)
    await shop.price("MUG", 9000)
    shop.provider.paid("sim_1")
    await shop.hears("sim_1")
    await shop.tell(2)
    again = await shop.read_order(order)
    assert (again.state, again.payment_state, again.total.amount, again.cancel_reason) == ("paid", "paid", 6490, None)
    assert sum(one.amount.amount for one in again.adjustments) == 0
    assert (await shop.event_types())[-3:] == ["OrderCancelled", "OrderRevived", "OrderPaid"]
    assert (await shop.left("MUG"), shop.provider.taken) == (9, 6490)


async def test_late_money_is_given_back_when_the_goods_are_gone(shop: Shop) -> None:
    await shop.stocked("MUG", quantity=1)
    order = await awaiting(shop)
    shop.provider.change("sim_1", state="expired")
    await shop.hears("sim_1")
    await shop.tell()
    await shop.bought({"MUG": 1})
    shop.provider.paid("sim_1")
    await shop.hears("sim_1")
    await shop.tell(2)
    assert (await shop.read_order(order)).state == "cancelled"
    assert (await shop.left("MUG"), shop.provider.taken) == (0, 6990), "only the second order is paid"


async def test_late_money_of_an_order_that_was_cancelled_by_its_buyer_is_given_back(shop: Shop) -> None:
    await shop.stocked("MUG")
    order = await awaiting(shop)
    cancelled = await shop.orders.cancel(GUEST, order.id)
    assert (cancelled.state, cancelled.cancel_reason) == ("cancelled", "buyer")
    shop.provider.paid("sim_1")
    await shop.hears("sim_1")
    await shop.tell(2)
    assert (await shop.read_order(order)).state == "cancelled"
    assert (await shop.left("MUG"), shop.provider.taken) == (10, 0)


async def test_a_pix_that_is_paid_in_time_whose_hold_has_ended_is_reserved_again(shop: Shop) -> None:
    await shop.stocked("MUG")
    order = await awaiting(shop)
    shop.provider.paid("sim_1")
    await shop.shelves.release(STOCK, f"order:{order.id}")
    await shop.hears("sim_1")
    await shop.tell(2)
    assert ((await shop.read_order(order)).state, await shop.left("MUG")) == ("paid", 9)


async def test_a_challenge_is_asked_confirmed_and_bought(shop: Shop) -> None:
    await shop.stocked("MUG")
    checkout = await shop.ready({"MUG": 1})
    with pytest.raises(NothingPlaced):
        await shop.orders.confirm(GUEST, checkout.id)
    shop.provider.script("authorise", "action_needed")
    asked = await shop.place(checkout, key="k", token="t")
    assert (asked.state, asked.url, asked.order) == ("action_required", "https://sim.example/3ds/sim_1", None)
    assert (await shop.place(checkout, key="k", token="t")).url == asked.url
    with pytest.raises(CheckoutBusy):
        await shop.place(checkout)
    assert (await shop.orders.confirm(GUEST, checkout.id)).state == "action_required"
    assert await shop.count("orders") == 0
    shop.provider.change("sim_1", state="authorised", action=None)
    await shop.hears("sim_1")
    done = await shop.orders.confirm(GUEST, checkout.id)
    assert done.order
    assert (done.state, done.order.state) == ("placed", "paid")
    again = await shop.place(checkout, key="k", token="t")
    assert (again.order, again.replayed) == (done.order, True)
    assert (await shop.count("orders"), shop.provider.taken, await shop.left("MUG")) == (1, 6990, 9)


async def test_a_challenge_is_ended_by_the_providers_message_alone(shop: Shop) -> None:
    await shop.stocked("MUG")
    shop.provider.script("authorise", "action_needed")
    checkout = await shop.ready({"MUG": 1})
    await shop.place(checkout)
    shop.provider.change("sim_1", state="authorised", action=None)
    await shop.hears("sim_1")
    await shop.tell(2)
    await shop.work()
    assert (await shop.read(checkout)).state == "completed"
    assert (await shop.count("orders"), shop.provider.taken) == (1, 6990)


async def test_a_challenge_that_fails_or_is_left_leaves_nothing(shop: Shop) -> None:
    await shop.stocked("MUG")
    checkout = await shop.ready({"MUG": 1})
    shop.provider.script("authorise", "action_needed", "action_needed")
    await shop.place(checkout, key="k", token="t")
    shop.provider.change("sim_1", state="refused", refusal="challenge_failed", action=None)
    await shop.hears("sim_1")
    with pytest.raises(OrderPaymentDeclined) as refused:
        await shop.orders.confirm(GUEST, checkout.id)
    assert refused.value.extra == {"reason": "challenge_failed"}
    await shop.place(checkout, key="l", token="t")
    shop.clock.advance(seconds=850)
    await shop.work()
    with pytest.raises(OrderPaymentDeclined):
        await shop.place(checkout, key="l", token="t")
    assert (await shop.count("orders"), shop.provider.taken, await shop.left("MUG")) == (0, 0, 10)
    assert shop.provider.truth["sim_2"].state == "voided"
    assert (await shop.read(checkout)).state == "open"


async def test_respond_async_is_done_by_a_worker(shop: Shop) -> None:
    await shop.stocked("MUG")
    checkout = await shop.ready({"MUG": 1})
    begun = await shop.place(checkout, key="k", token="t", wait=False)
    assert (begun.state, begun.order) == ("processing", None)
    assert await shop.count("orders") == 0
    await shop.work()
    done = await shop.place(checkout, key="k", token="t")
    assert (done.state, done.replayed) == ("placed", True)


async def test_a_review_keeps_the_order_until_somebody_takes_the_money(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def assess(*_: object) -> str:
        return "review"

    monkeypatch.setattr(type(shop.paying.dependencies.risk), "assess", assess)
    await shop.stocked("MUG")
    order = await shop.bought({"MUG": 1})
    assert (order.state, order.payment_state) == ("payment_review", "authorised")
    payment = await shop.payment_of(order)
    await shop.paying.capture(FINANCE, payment.id, CaptureRequest(key="by hand"))
    await shop.tell(2)
    assert (await shop.read_order(order)).state == "paid"
    assert (shop.provider.taken, await shop.left("MUG")) == (6990, 9)


async def test_a_buyer_cancels_before_fulfilment(shop: Shop) -> None:
    await shop.stocked("MUG")
    order = await shop.bought({"MUG": 1})
    for _ in range(2):
        ended = await shop.orders.cancel(GUEST, order.id)
        assert (ended.state, ended.fulfilment_state, ended.lines[0].current) == ("cancelled", "cancelled", 0)
    await shop.tell(2)
    ended = await shop.read_order(order)
    assert (ended.payment_state, shop.provider.taken, await shop.left("MUG")) == ("refunded", 0, 10)
    assert shop.provider.count("refund") == 1


async def test_late_money_that_payments_give_back_just_now_is_waited_for(shop: Shop) -> None:
    await shop.stocked("MUG")
    order = await awaiting(shop)
    shop.provider.paid("sim_1")
    await shop.hears("sim_1")
    payment = await shop.payment_of(order)
    shop.provider.script("refund", "pending")
    await shop.paying.refund(FINANCE, payment.id, RefundRequest(key="late"))
    await shop.orders.cancel(GUEST, order.id)
    with pytest.raises(Unavailable):
        await hear_cancelled(shop.orders.dependencies.services, order.id)
    assert (await shop.read_order(order)).state == "cancelled"


async def test_news_that_was_read_before_later_news_changes_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers hear of a payment: who has read it first writes last."""
    await shop.stocked("MUG")
    order = await shop.bought({"MUG": 1})
    services = shop.orders.dependencies.services
    record = await services.orders.order(order.id)
    assert record
    paid = await shop.payment_of(order)
    await shop.orders.cancel(GUEST, order.id)
    await shop.tell()
    before = await shop.read_order(order)
    assert (before.state, before.payment_state) == ("cancelled", "refunded")
    reading = type(services.payments).payment

    async def earlier(*_: object) -> Payment:
        return paid

    monkeypatch.setattr(type(services.payments), "payment", earlier)
    await follow_payment(services, record, paid.id)
    monkeypatch.setattr(type(services.payments), "payment", reading)
    assert await shop.read_order(order) == before


async def test_who_cancels_what_has_expired_gets_late_money_back(shop: Shop) -> None:
    await shop.stocked("MUG")
    order = await awaiting(shop)
    shop.provider.change("sim_1", state="expired")
    await shop.hears("sim_1")
    await shop.tell()
    cancelled = await shop.orders.cancel(GUEST, order.id)
    assert (cancelled.state, cancelled.cancel_reason) == ("cancelled", "buyer")
    shop.provider.paid("sim_1")
    await shop.hears("sim_1")
    await shop.tell(2)
    assert (await shop.read_order(order)).state == "cancelled"
    assert (await shop.left("MUG"), shop.provider.taken) == (10, 0)
    assert (await shop.event_types()).count("OrderCancelled") == 1


async def test_who_cancels_while_late_money_holds_the_goods_gets_it_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.stocked("MUG")
    order = await awaiting(shop)
    shop.provider.change("sim_1", state="expired")
    await shop.hears("sim_1")
    await shop.tell()
    hold = goods.hold_again

    async def held_then_cancelled(*arguments: Any) -> str:
        key = await hold(*arguments)
        await shop.orders.cancel(GUEST, order.id)
        return key

    monkeypatch.setattr(hear_payments, "hold_again", held_then_cancelled)
    shop.provider.paid("sim_1")
    await shop.hears("sim_1")
    await shop.tell(2)
    assert (await shop.read_order(order)).state == "cancelled"
    assert (await shop.left("MUG"), shop.provider.taken) == (10, 0)
