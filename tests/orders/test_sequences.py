"""Whatever comes in whatever order (paid, cancelled, expired, news told): money, goods and the order agree at the end."""

import asyncio
import contextlib
from itertools import permutations

import pytest

from renga.domains.cart.contract import Write
from renga.domains.orders.contract import CheckoutBusy, CheckoutEnded
from renga.domains.orders.contract.errors import OrderPaymentDeclined, OrderStateConflict
from renga.domains.orders.contract.orders import Order
from renga.kernel.errors import RengaError
from tests.orders.counter import GUEST
from tests.orders.shop import Shop
from tests.payments.janitor import recover
from tests.proof import count

WRITE = Write()
STEPS = ("pay", "hear", "cancel", "expire", "tell")


async def do(shop: Shop, order: Order, ref: str, step: str) -> None:
    truth = shop.provider.truth[ref]
    if step == "pay":  # also late
        shop.provider.paid(ref)
    elif step == "expire" and truth.state == "pending":
        shop.provider.change(ref, state="expired")
        await shop.hears(ref)
    elif step == "hear":
        await shop.hears(ref)
    elif step == "cancel":
        with contextlib.suppress(OrderStateConflict):
            await shop.orders.cancel(GUEST, order.id)
    elif step == "tell":
        await shop.tell()


async def agrees(shop: Shop, order: Order, ref: str) -> None:
    """All news is heard at the end, some of it twice."""
    for _ in range(2):
        await shop.hears(ref)
        with contextlib.suppress(RengaError):
            await shop.tell()
        await recover(shop.paying.dependencies, shop.clock, rounds=2)
        await shop.tell(2)
    ended, truth = await shop.read_order(order), shop.provider.truth[ref]
    taken = truth.captured - truth.refunded
    paid = ended.state == "paid"
    assert ended.state in ("paid", "cancelled")
    assert taken == (ended.total.amount if paid else 0), (ended.state, truth)
    assert await shop.left("MUG") == (9 if paid else 10)
    assert sum(one.amount.amount for one in ended.adjustments) == (0 if paid else -ended.total.amount)


@pytest.mark.proof
@pytest.mark.parametrize("first", STEPS)
async def test_a_pix_in_every_order(shop: Shop, first: str) -> None:
    await shop.stocked("MUG")
    sequences = list(permutations([step for step in STEPS if step != first]))
    # the small proof takes every fifth
    for number, rest in enumerate(sequences[:: count(small=5, full=1)]):
        placed = await shop.place(await shop.ready({"MUG": 1}, payment={"method": "pix"}), token=None)
        assert placed.order
        ref = f"sim_{number + 1}"
        for step in (first, *rest):
            await do(shop, placed.order, ref, step)
        await agrees(shop, placed.order, ref)
        if (await shop.read_order(placed.order)).state == "paid":
            await shop.orders.cancel(GUEST, placed.order.id)
            await shop.tell()
        assert (await shop.left("MUG"), shop.provider.taken) == (10, 0), (first, rest)


@pytest.mark.proof
async def test_paid_and_cancelled_in_the_same_moment(shop: Shop) -> None:
    await shop.stocked("MUG")
    for number in range(count(small=6, full=60)):
        placed = await shop.place(await shop.ready({"MUG": 1}, payment={"method": "pix"}), token=None)
        assert placed.order
        ref = f"sim_{number + 1}"
        shop.provider.paid(ref)
        await asyncio.gather(
            shop.hears(ref), shop.orders.cancel(GUEST, placed.order.id), shop.tell(), return_exceptions=True
        )
        await agrees(shop, placed.order, ref)
        if (await shop.read_order(placed.order)).state == "paid":
            await shop.orders.cancel(GUEST, placed.order.id)
            await shop.tell()


@pytest.mark.proof
async def test_the_news_of_an_authorisation_meets_who_places_the_order(shop: Shop) -> None:
    await shop.stocked("MUG", quantity=50)

    async def heard_again_and_again() -> None:
        for _ in range(15):
            with contextlib.suppress(RengaError):
                await shop.tell()
            await asyncio.sleep(0)

    for _ in range(count(small=4, full=40)):
        made, _ = await asyncio.gather(shop.place(await shop.ready({"MUG": 1})), heard_again_and_again())
        assert made.order
        assert made.order.state == "paid"
    assert "OrderHeldForReview" not in await shop.event_types()


@pytest.mark.proof
async def test_two_tabs_place_and_change_at_the_same_time(shop: Shop) -> None:
    await shop.stocked("MUG")
    for _ in range(count(small=3, full=20)):
        before = await shop.count("orders")
        checkout = await shop.ready({"MUG": 1})
        made = await asyncio.gather(
            shop.place(checkout),
            shop.change(checkout, email="eve@example.com"),
            shop.place(checkout),
            shop.cart.carts.remove_line(GUEST, checkout.cart_id, checkout.quote.lines[0].line, WRITE),
            return_exceptions=True,
        )
        refused = [one for one in made if isinstance(one, BaseException)]
        assert all(isinstance(one, RengaError) for one in refused), refused
        orders = await shop.count("orders") - before
        assert orders == sum(getattr(one, "order", None) is not None for one in made) <= 1
        assert not any(isinstance(one, OrderPaymentDeclined) for one in refused)
        assert (await shop.read(checkout)).state == ("completed" if orders else "open")
        with pytest.raises((CheckoutBusy, CheckoutEnded)) if orders else contextlib.nullcontext():
            if orders:
                await shop.place(checkout)
    sold = await shop.count("orders")
    assert (await shop.left("MUG"), shop.provider.taken) == (10 - sold, sold * 6990)
