"""A process dies at any point of the saga: another one goes on, and the outcome is the same as if nobody had died."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from renga.domains.cart.contract import CartAlreadyCompleted
from renga.domains.orders.contract import CheckoutBusy
from renga.domains.orders.contract.errors import OrderPaymentDeclined
from renga.domains.orders.contract.orders import PlaceCommand, PlacePayment, PlaceRequest
from renga.domains.orders.placing_saga import definition
from renga.domains.payments.contract.payments import NewMeans, NewPayment
from renga.kernel.caller import Caller
from renga.kernel.errors import Unavailable
from renga.kernel.money import Money
from renga.platform.process.model import crash_points
from tests.orders.counter import GUEST, READY
from tests.orders.shop import Shop
from tests.payments.janitor import recover
from tests.pricing.shop import percent


class ProcessKilled(BaseException):
    """The process ends here."""


def dies_at(point: str) -> Callable[[str], None]:
    def crash(name: str) -> None:
        if name == point:
            raise ProcessKilled

    return crash


async def crashed_everywhere(shop: Shop, *, declined: bool) -> list[str]:
    """Place a checkout once per point, each time in a process that dies there; a worker resumes. The points that were met."""
    met: list[str] = []
    for point in crash_points(definition(shop.orders.dependencies.services)):
        checkout = await shop.ready({"MUG": 1}, coupons=["TEN"])
        if declined:
            shop.provider.script("authorise", "refuse")
        request = PlaceRequest(quote_id=checkout.quote.id, payment=PlacePayment(token=f"tok_{point}"))
        command = PlaceCommand(request=request, key=point)
        try:
            await shop.process(dies_at(point)).place(GUEST, checkout.id, command)
        except ProcessKilled:
            met.append(point)
            shop.clock.advance(seconds=31)
            await shop.work()
            await shop.tell()
        except OrderPaymentDeclined:
            assert declined
        state = (await shop.read(checkout)).state
        assert state == ("open" if declined else "completed"), point
        if declined:
            with pytest.raises(OrderPaymentDeclined):
                await shop.orders.place(GUEST, checkout.id, command)
        else:
            answer = await shop.orders.place(GUEST, checkout.id, command)
            assert answer.order, point
            assert (answer.order.state, answer.replayed) == ("paid", True), point
    return met


async def test_whoever_dies_buys_once(shop: Shop) -> None:
    await shop.stocked("MUG", quantity=100)
    await shop.house.promote(percent(1000), codes=["TEN"])
    met = await crashed_everywhere(shop, declined=False)
    assert {point for point in met if point.endswith("_do")} >= {
        f"{step}.{when}_do"
        for step in ("hold", "authorise", "place", "follow")
        for when in ("before", "after", "committed")
    }
    orders = len(crash_points(definition(shop.orders.dependencies.services)))
    assert (await shop.count("orders"), shop.provider.taken) == (orders, orders * 6490)
    assert await shop.left("MUG") == 100 - orders
    assert (await shop.event_types()).count("OrderPlaced") == (await shop.event_types()).count("OrderPaid") == orders
    await nothing_pending(shop)


async def test_whoever_dies_while_it_is_refused_holds_nothing(shop: Shop) -> None:
    await shop.stocked("MUG", quantity=100)
    await shop.house.promote(percent(1000), codes=["TEN"])
    met = await crashed_everywhere(shop, declined=True)
    assert {point for point in met if point.endswith("_undo")} == {
        f"{step}.{when}_undo" for step in ("authorise", "hold") for when in ("before", "after", "committed")
    }
    assert (await shop.count("orders"), shop.provider.taken, await shop.left("MUG")) == (0, 0, 100)
    await nothing_pending(shop)


async def nothing_pending(shop: Shop) -> None:
    """No process, attempt, reservation or redemption is left in the middle."""
    query = "SELECT count(*) FROM orders.processes WHERE status NOT IN ('done', 'undone')"
    assert await shop.house.pool.fetchval(query) == 0
    assert await shop.house.pool.fetchval("SELECT count(*) FROM orders.attempts WHERE state = 'live'") == 0
    query = (
        "SELECT count(*) FROM orders.processes WHERE position('tok_' in state::text) + position('@' in state::text) > 0"
    )
    assert await shop.house.pool.fetchval(query) == 0, "an ended process keeps neither token nor address"


async def test_the_cart_store_is_away_after_placing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.stocked("MUG")
    checkout, carts = await shop.ready({"MUG": 1}), type(shop.cart.carts)
    complete = carts.complete

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(carts, "complete", away)
    placed = await shop.place(checkout, key="k", token="t")
    assert placed.order
    assert placed.order.state == "paid", "the order is answered although its cart is not completed yet"
    assert (await shop.cart.carts.read(GUEST, checkout.cart_id)).lines
    monkeypatch.setattr(carts, "complete", complete)
    shop.clock.advance(seconds=5)
    await shop.work()
    assert (await shop.cart.carts.read(GUEST, checkout.cart_id)).state == "completed"
    assert (await shop.place(checkout, key="k", token="t")).order == placed.order
    await nothing_pending(shop)


async def test_an_engine_that_stays_away_leaves_nothing_and_frees_the_key(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.stocked("MUG")
    checkout, payments = await shop.ready({"MUG": 1}), type(shop.paying)
    pay = payments.pay

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(payments, "pay", away)
    begun = await shop.place(checkout, key="k", token="t", wait=False)
    assert begun.state == "processing"
    for _ in range(8):
        await shop.work()
        shop.clock.advance(seconds=60)
    await nothing_pending(shop)
    assert (await shop.count("attempts"), await shop.left("MUG")) == (0, 10)
    monkeypatch.setattr(payments, "pay", pay)
    assert (await shop.place(checkout, key="k", token="t")).state == "placed"


async def test_a_payment_that_comes_after_its_attempt_was_undone_is_given_back(shop: Shop) -> None:
    await shop.stocked("MUG")
    checkout = await shop.ready({"MUG": 1})
    shop.provider.script("authorise", "hang_after")
    begun = await shop.place(checkout, key="k", token="t", wait=False)
    assert begun.state == "processing"
    await shop.work(1)
    assert (await shop.count("orders"), shop.provider.count("authorise")) == (0, 1)
    shop.clock.advance(seconds=900)
    await shop.work()
    assert (await shop.read(checkout)).state == "open"
    await recover(shop.paying.dependencies, shop.clock)
    await shop.tell(2)
    assert (shop.provider.truth["sim_1"].state, shop.provider.taken, await shop.left("MUG")) == ("voided", 0, 10)


async def test_a_cart_has_one_live_attempt_whatever_checkouts_it_has(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.stocked("MUG")
    first, carts = await shop.ready({"MUG": 1}), type(shop.cart.carts)
    complete = carts.complete

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(carts, "complete", away)
    assert (await shop.place(first)).order
    second = await shop.start(first.cart_id, **READY)
    assert second.id != first.id
    with pytest.raises(CheckoutBusy):
        await shop.place(second)
    assert (await shop.count("orders"), shop.provider.count("authorise"), await shop.left("MUG")) == (1, 1, 9)
    assert (await shop.read(second)).state == "open"
    monkeypatch.setattr(carts, "complete", complete)
    shop.clock.advance(seconds=5)
    await shop.work()
    with pytest.raises(CartAlreadyCompleted):
        await shop.place(second)
    assert await shop.count("orders") == 1


async def test_what_was_added_meanwhile_and_what_was_saved_stays_in_the_cart(shop: Shop) -> None:
    await shop.stocked("MUG")
    await shop.stocked("POT", 3000)
    checkout = await shop.ready({"MUG": 2})
    await shop.add(checkout.cart_id, "POT")
    placed = await shop.place(checkout)
    assert placed.order
    assert [one.sku for one in placed.order.lines] == ["MUG"]
    cart = await shop.cart.carts.read(GUEST, checkout.cart_id)
    assert ([(one.sku, one.quantity) for one in cart.lines], cart.state == "completed") == ([("POT", 1)], False)
    again = await shop.start(checkout.cart_id, **READY)
    assert (await shop.place(again)).order
    assert await shop.count("orders") == 2


async def test_a_payment_of_others_with_an_orders_reference_is_not_ours(shop: Shop) -> None:
    await shop.stocked("MUG")
    order = await shop.bought({"MUG": 1})
    for reference in (f"order:{order.id}", "order:nothing", f"order:{'z' * 36}", f"order:{uuid4()}", "subscription:1"):
        new = NewPayment(
            key=reference, reference=reference, amount=Money(100, "BRL"), means=(NewMeans(method="card", token="tok"),)
        )
        await shop.paying.pay(Caller("robot", frozenset({"payments:write"}), program=True), new)
    await shop.tell(2)
    assert (await shop.read_order(order)) == order
    assert shop.provider.taken == 6990 + 5 * 100
