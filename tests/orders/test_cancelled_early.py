"""The buyer cancels while somebody else still works on the order: nothing stays held, whoever is first."""

from collections.abc import Awaitable, Callable

import pytest

from renga.domains.orders import hear_payments, placing_saga, settling
from renga.domains.orders.contract.orders import PlaceCommand, PlacePayment, PlaceRequest
from renga.domains.orders.model.order_record import OrderRecord
from renga.domains.payments.contract.service import CaptureRequest
from renga.kernel.money import Money
from tests.orders.counter import GUEST
from tests.orders.shop import FINANCE, Shop
from tests.orders.shop import KEEPER as STOCK
from tests.orders.test_crashes import ProcessKilled, dies_at, nothing_pending
from tests.orders.test_paying_later import awaiting


async def test_cancelled_after_the_web_died_between_place_and_follow(shop: Shop) -> None:
    await shop.stocked("MUG", quantity=10)
    checkout = await shop.ready({"MUG": 3})
    command = PlaceCommand(request=PlaceRequest(quote_id=checkout.quote.id, payment=PlacePayment(token="t")), key="k")
    with pytest.raises(ProcessKilled):
        await shop.process(dies_at("place.committed_do")).place(GUEST, checkout.id, command)
    found = await shop.house.pool.fetchval("SELECT id FROM orders.orders")
    assert (await shop.orders.cancel(GUEST, str(found))).state == "cancelled"
    await shop.tell()
    shop.clock.advance(seconds=31)
    await shop.work()
    await shop.tell()
    assert await shop.left("MUG") == 10
    assert shop.provider.taken == 0
    order = await shop.orders.order(GUEST, str(found))
    assert (order.state, order.payment_state) == ("cancelled", "voided")
    assert (await shop.cart.carts.read(GUEST, checkout.cart_id)).state == "completed"
    await nothing_pending(shop)


def cancelling_after(shop: Shop, settle: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    """``settle``, and the buyer cancels just when it has held the goods."""
    done: list[str] = []

    async def settled(services: object, order: OrderRecord, payment: object) -> object:
        outcome = await settle(services, order, payment)
        if not done:
            done.append(order.id)
            await shop.orders.cancel(GUEST, order.id)
        return outcome

    return settled


@pytest.mark.parametrize("released", [False, True])
async def test_cancelled_while_the_goods_are_committed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, released: bool
) -> None:
    await shop.stocked("MUG", quantity=10)
    settle = settling.settle

    async def held_again(services: object, order: OrderRecord, payment: object) -> object:
        if released:
            await shop.shelves.release(STOCK, f"order:{order.id}")
        return await settle(services, order, payment)  # type: ignore[arg-type]

    monkeypatch.setattr(placing_saga, "settle", cancelling_after(shop, held_again))
    placed = await shop.place(await shop.ready({"MUG": 3}))
    assert placed.order
    shop.clock.advance(seconds=31)
    await shop.work()
    await shop.tell()
    order = await shop.read_order(placed.order)
    assert (order.state, order.payment_state, await shop.left("MUG")) == ("cancelled", "refunded", 10)
    assert shop.provider.taken == 0
    await nothing_pending(shop)


async def test_cancelled_while_a_pix_that_was_paid_holds_its_goods_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.stocked("MUG", quantity=10)
    order = await awaiting(shop, 2)
    await shop.shelves.release(STOCK, f"order:{order.id}")
    shop.provider.paid("sim_1")
    await shop.hears("sim_1")
    monkeypatch.setattr(hear_payments, "settle", cancelling_after(shop, settling.settle))
    await shop.tell(2)
    await shop.tell()
    ended = await shop.read_order(order)
    assert (ended.state, ended.payment_state, await shop.left("MUG")) == ("cancelled", "refunded", 10)
    assert shop.provider.taken == 0


async def test_paid_by_the_news_before_a_worker_resumes(shop: Shop) -> None:
    """What the process still remembers of the payment is older than what the order knows."""
    await shop.stocked("MUG", quantity=10)
    checkout = await shop.ready({"MUG": 1})
    command = PlaceCommand(request=PlaceRequest(quote_id=checkout.quote.id, payment=PlacePayment(token="t")), key="k")
    with pytest.raises(ProcessKilled):
        await shop.process(dies_at("place.committed_do")).place(GUEST, checkout.id, command)
    order = await shop.orders.order(GUEST, str(await shop.house.pool.fetchval("SELECT id FROM orders.orders")))
    await shop.paying.capture(FINANCE, (await shop.payment_of(order)).id, CaptureRequest(key="by hand"))
    await shop.tell()
    shop.clock.advance(seconds=31)
    await shop.work()
    paid = await shop.read_order(order)
    assert (paid.state, paid.payment_state, paid.payment.captured) == ("paid", "paid", Money(6990, "BRL"))
    await nothing_pending(shop)
