"""The cart at login: claimed or merged, with crashes between the steps and concurrent logins."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import msgspec
import pytest

from renga.domains.cart.contract import Cart, CartNotFound, NewLine, Write
from renga.domains.cart.dependencies import CartDependencies
from renga.domains.cart.opening import CartModule
from renga.domains.cart.take_over import take_over
from renga.kernel.caller import ANONYMOUS, Caller
from tests.faults.shop import open_cart

ALICE, BOB = "alice", "bob"


class _Crash(Exception):
    """The process died here."""


class _Dying:
    """An adapter whose n-th write never happens (``after`` False) or whose answer is never seen (``after`` True)."""

    def __init__(self, real: Any, budget: list[int], *, after: bool) -> None:
        self._real = real
        self._budget = budget
        self._after = after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name not in _WRITES:
            return found

        async def call(*args: Any, **more: Any) -> Any:
            self._budget[0] -= 1
            if self._budget[0] == 0 and not self._after:
                raise _Crash
            answer = await found(*args, **more)
            if self._budget[0] == 0:
                raise _Crash
            return answer

        return call


_WRITES = ("put", "claim", "begin_merge", "merge", "end_merge")


@pytest.fixture
async def rooms(valkey_url: str, database_url: str) -> AsyncIterator[CartModule]:
    async with open_cart(valkey_url, database_url) as opened:
        yield opened


async def cart_of(rooms: CartModule, lines: int, *, first: int = 0, customer: str | None = None) -> str:
    caller, write = Caller(customer), Write(whole=False)
    cart_id = (await rooms.carts.create(caller, "BRL", write=write)).cart_id
    if lines:
        wanted = [NewLine(sku=f"SKU-{first + n}", quantity=n + 1) for n in range(lines)]
        await rooms.carts.replace_lines(caller, cart_id, wanted, write)
    return cart_id


def quantities(cart: Cart) -> dict[str, int]:
    return {line.sku: line.quantity for line in cart.lines}


async def test_a_customer_without_a_cart_gets_the_guests(rooms: CartModule) -> None:
    guest = await cart_of(rooms, 3)
    taken = await rooms.carts.take_over(Caller(ALICE), guest)
    assert taken.cart_id == guest
    cart = await rooms.carts.read(Caller(ALICE), guest)
    assert (cart.customer, quantities(cart)) == (ALICE, {"SKU-0": 1, "SKU-1": 2, "SKU-2": 3})
    with pytest.raises(CartNotFound):
        await rooms.carts.read(ANONYMOUS, guest)


async def test_a_customer_with_a_cart_keeps_it_and_the_guests_lines_come_in(rooms: CartModule) -> None:
    mine = await cart_of(rooms, 2)
    await rooms.carts.take_over(Caller(ALICE), mine)
    guest = await cart_of(rooms, 2, first=1)
    assert (await rooms.carts.take_over(Caller(ALICE), guest)).cart_id == mine
    cart = await rooms.carts.read(Caller(ALICE), mine)
    assert quantities(cart) == {"SKU-0": 1, "SKU-1": 3, "SKU-2": 2}


async def test_taking_over_again_changes_nothing(rooms: CartModule) -> None:
    mine = await cart_of(rooms, 2)
    guest = await cart_of(rooms, 2)
    await rooms.carts.take_over(Caller(ALICE), mine)
    await rooms.carts.take_over(Caller(ALICE), guest)
    before = await rooms.carts.read(Caller(ALICE), mine)
    for cart_id in (guest, mine, None):
        assert (await rooms.carts.take_over(Caller(ALICE), cart_id)).cart_id == mine
    assert await rooms.carts.read(Caller(ALICE), mine) == before


@pytest.mark.parametrize("cart_id", [None, "nonsense", "01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a10"])
async def test_nothing_to_take_over_is_no_error(rooms: CartModule, cart_id: str | None) -> None:
    assert (await rooms.carts.take_over(Caller(ALICE), cart_id)).cart_id is None


async def test_another_customers_cart_is_passed_over_and_stays_hers(rooms: CartModule) -> None:
    bobs = await cart_of(rooms, 2, customer=BOB)
    assert (await rooms.carts.take_over(Caller(ALICE), bobs)).cart_id is None
    mine = await cart_of(rooms, 1)
    await rooms.carts.take_over(Caller(ALICE), mine)
    assert (await rooms.carts.take_over(Caller(ALICE), bobs)).cart_id == mine
    assert (await rooms.carts.read(Caller(BOB), bobs)).counts.lines == 2
    assert (await rooms.carts.read(Caller(ALICE), mine)).counts.lines == 1


async def test_an_ordered_cart_gives_way_to_the_guests(rooms: CartModule) -> None:
    old = await cart_of(rooms, 1)
    await rooms.carts.take_over(Caller(ALICE), old)
    cart = await rooms.carts.read(Caller(ALICE), old)
    await rooms.carts.complete(Caller(ALICE), old, {cart.lines[0].line: 1}, Write())
    guest = await cart_of(rooms, 2)
    assert (await rooms.carts.take_over(Caller(ALICE), guest)).cart_id == guest
    assert (await rooms.carts.take_over(Caller(ALICE), None)).cart_id == guest


async def test_lines_that_do_not_fit_stay_in_the_guests_cart_and_it_is_said(rooms: CartModule) -> None:
    mine = await cart_of(rooms, 60)
    guest = await cart_of(rooms, 60, first=60)
    await rooms.carts.take_over(Caller(ALICE), mine)
    taken = await rooms.carts.take_over(Caller(ALICE), guest)
    assert (taken.cart_id, taken.left, taken.reason) == (mine, guest, "line_limit")
    assert (await rooms.carts.read(Caller(ALICE), mine)).counts.lines == 60
    assert (await rooms.carts.read(ANONYMOUS, guest)).counts.lines == 60


@pytest.mark.parametrize("has_cart", [False, True])
async def test_two_logins_at_once_keep_all_65_lines_in_one_cart(rooms: CartModule, has_cart: bool) -> None:
    mine = await cart_of(rooms, 0)
    if has_cart:
        await rooms.carts.take_over(Caller(ALICE), mine)
    guest = await cart_of(rooms, 65)
    taken = await asyncio.gather(*(rooms.carts.take_over(Caller(ALICE), guest) for _ in range(2)))
    assert {one.cart_id for one in taken} == {mine if has_cart else guest}
    cart = await rooms.carts.read(Caller(ALICE), mine if has_cart else guest)
    assert quantities(cart) == {f"SKU-{n}": n + 1 for n in range(65)}


async def test_logins_at_once_from_several_browsers_end_with_one_cart_of_all_lines(rooms: CartModule) -> None:
    guests = [await cart_of(rooms, 10, first=10 * n) for n in range(6)]
    taken = await asyncio.gather(*(rooms.carts.take_over(Caller(ALICE), guest) for guest in guests))
    (cart_id,) = {one.cart_id for one in taken}
    assert cart_id in guests
    cart = await rooms.carts.read(Caller(ALICE), str(cart_id))
    assert quantities(cart) == {f"SKU-{10 * n + m}": m + 1 for n in range(6) for m in range(10)}


async def _crashing(
    dependencies: CartDependencies, at: int, *, after: bool, run: Callable[[CartDependencies], Awaitable[Any]]
) -> bool:
    """Run with a process that dies at its n-th write; False when there are fewer."""
    budget = [at]
    dying = msgspec.structs.replace(
        dependencies,
        store=_Dying(dependencies.store, budget, after=after),
        current=_Dying(dependencies.current, budget, after=after),
    )
    try:
        await run(dying)
    except _Crash:
        return True
    return False


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("has_cart", [False, True])
async def test_a_crash_at_any_step_is_mended_by_the_next_login(rooms: CartModule, has_cart: bool, after: bool) -> None:
    crashes = 0
    for at in range(1, 10):
        customer = f"customer-{at}"
        mine = await cart_of(rooms, 3)
        if has_cart:
            await rooms.carts.take_over(Caller(customer), mine)
        guest = await cart_of(rooms, 65)
        crashed = await _crashing(
            rooms.dependencies, at, after=after, run=partial(take_over, caller=Caller(customer), guest_cart_id=guest)
        )
        crashes += crashed
        target = mine if has_cart else guest
        assert (await rooms.carts.take_over(Caller(customer), guest)).cart_id == target
        cart = await rooms.carts.read(Caller(customer), target)
        had = {f"SKU-{n}": n + 1 for n in range(3)} if has_cart else {}
        assert quantities(cart) == {f"SKU-{n}": n + 1 + had.get(f"SKU-{n}", 0) for n in range(65)}
        assert cart.customer == customer
    assert crashes == (4 if has_cart else 2)
