"""How carts end: ordered, abandoned, expired; the same in every store."""

import zlib
from typing import Any

import pytest

from renga.domains.cart import contract
from renga.domains.cart.jobs import SWEEP_WAIT_MAX_S, SWEEP_WAIT_MIN_S, sweep_wait_s
from renga.domains.cart.ports import CartLimits, Due, Guard
from renga.kernel.clock import SystemClock
from tests.cart.support import argument
from tests.engines.registry import Registry
from tests.ports.cart_stores import Lab, Opener
from tests.support import eventually

MUG, BOWL = argument("mug", 5), argument("bowl", 2)


def quantities(cart: Any) -> dict[str, int]:
    return {line.line: line.quantity for line in cart.lines}


async def test_complete_removes_exactly_what_was_ordered(lab: Lab) -> None:
    cart_id = await lab.cart(MUG, BOWL)
    await lab.do("checkout", cart_id)
    outcome = await lab.do("complete", cart_id, {"mug": 3, "bowl": 2, "never-there": 1})
    assert outcome.cart is not None
    assert (outcome.version, outcome.cart.state, quantities(outcome.cart)) == (5, "open", {"mug": 2})
    done = (await lab.events(cart_id))[-1]
    assert (done.name, done.data) == ("CartCompleted", {"cart_id": cart_id, "version": 5, "remaining": 1, "saved": 0})
    assert (await lab.do("add", cart_id, BOWL)).version == 6


async def test_a_cart_with_nothing_left_is_completed_for_good(lab: Lab) -> None:
    cart_id = lab.new_id()
    born = {"operation": "k" * 22, "fingerprint": "born1234"}
    await lab.do("create", cart_id, "BRL", 60_000, **born)
    await lab.do("add", cart_id, MUG)
    await lab.do("complete", cart_id, {"mug": 7})
    cart = await lab.read(cart_id)
    assert (cart.state, cart.version, cart.lines) == ("completed", 3, ())
    before = await lab.picture(cart_id)
    with pytest.raises(contract.CartAlreadyCompleted):
        await lab.do("add", cart_id, BOWL)
    with pytest.raises(contract.CartAlreadyCompleted):
        await lab.do("complete", cart_id, {"mug": 1})
    assert (await lab.do("create", cart_id, "BRL", 60_000, **born)).replayed
    with pytest.raises(contract.IdempotencyConflict):
        await lab.do("create", cart_id, "BRL", 60_000)
    lab.clock.advance(seconds=120)
    assert await lab.sweep() == (0, 0)
    assert await lab.picture(cart_id) == before


async def test_completing_part_of_a_cart_drops_the_coupons_that_were_used_and_keeps_the_others(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    for code in ("SPRING", "SPRING10"):
        await lab.do("coupon", cart_id, code, "apply")
    await lab.store.complete(cart_id, {"mug": 2}, Guard(), ["NEVER", "SPRING"])
    cart = await lab.read(cart_id)
    assert (cart.version, cart.coupons, quantities(cart)) == (5, ("SPRING10",), {"mug": 3})
    await lab.do("complete", cart_id, {"mug": 1})
    assert (await lab.read(cart_id)).coupons == ("SPRING10",)
    await lab.store.complete(cart_id, {"mug": 1}, Guard(), ["SPRING10"])
    assert (await lab.read(cart_id)).coupons == ()


async def test_a_repeated_complete_takes_nothing_away_twice(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    guard = {"operation": "c" * 22, "fingerprint": "done1234"}
    await lab.do("complete", cart_id, {"mug": 2}, **guard)
    again = await lab.do("complete", cart_id, {"mug": 2}, **guard)
    assert (again.version, again.replayed) == (3, True)
    assert quantities(await lab.read(cart_id)) == {"mug": 3}


async def test_a_cart_expires_exactly_once_and_not_a_moment_early(lab: Lab) -> None:
    cart_id = await lab.cart(MUG, life_ms=10_000)
    lab.clock.advance(ms=9_999)
    assert await lab.sweep() == (0, 0)
    assert (await lab.read(cart_id)).state == "open"
    lab.clock.advance(ms=1)
    with pytest.raises(contract.CartHasExpired):
        await lab.do("add", cart_id, MUG)  # not swept yet, and over all the same
    assert await lab.sweep() == (1, 0)
    assert await lab.sweep() == (0, 0)
    cart = await lab.read(cart_id)
    assert (cart.state, cart.version, cart.lines) == ("expired", 3, ())
    expired = (await lab.events(cart_id))[-1]
    assert (expired.name, expired.data) == ("CartExpired", {"cart_id": cart_id, "version": 3, "lines": 1})
    assert await lab.names(cart_id) == ["CartCreated", "ItemAddedToCart", "CartExpired"]


async def test_an_expired_cart_refuses_every_write_and_is_not_created_again(lab: Lab) -> None:
    cart_id = lab.new_id()
    born = {"operation": "k" * 22, "fingerprint": "born1234"}
    await lab.do("create", cart_id, "BRL", 1_000, **born)
    lab.clock.advance(seconds=1)
    await lab.sweep()
    before = await lab.picture(cart_id)
    for name, args in (("add", (MUG,)), ("note", ("oi",)), ("replace", ([],)), ("claim", ("ana",))):
        with pytest.raises(contract.CartHasExpired):
            await lab.do(name, cart_id, *args, caller="ana" if name == "claim" else "")
    with pytest.raises(contract.CartHasExpired):
        await lab.do("create", cart_id, "BRL", 1_000, **born)
    assert await lab.picture(cart_id) == before


async def test_a_tombstone_shows_itself_to_the_owner_only(lab: Lab) -> None:
    cart_id = await lab.cart(MUG, life_ms=1_000)
    await lab.do("claim", cart_id, "ana", caller="ana")
    lab.clock.advance(seconds=1)
    assert await lab.sweep() == (1, 0)
    assert (await lab.read(cart_id)).owner == "ana"
    with pytest.raises(contract.CartNotFound):
        await lab.do("add", cart_id, MUG)
    with pytest.raises(contract.CartHasExpired):
        await lab.do("add", cart_id, MUG, caller="ana")


async def test_a_write_revives_a_cart_and_no_sweep_of_the_old_deadline_ends_it(lab: Lab) -> None:
    cart_id = await lab.cart(MUG, life_ms=10_000)
    for _ in range(3):
        lab.clock.advance(ms=9_000)
        await lab.do("add", cart_id, argument("mug", 1))
        lab.clock.advance(ms=999)
        assert await lab.sweep() == (0, 0)
    assert quantities(await lab.read(cart_id)) == {"mug": 8}
    assert "CartExpired" not in await lab.names(cart_id)


async def test_a_cart_is_abandoned_once_per_idle_spell_and_again_after_a_new_write(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    lab.clock.advance(ms=19_999)
    assert await lab.sweep() == (0, 0)
    lab.clock.advance(ms=1)
    assert (await lab.sweep(), await lab.sweep()) == ((0, 1), (0, 0))
    lab.clock.advance(seconds=15)
    assert await lab.sweep() == (0, 0)
    await lab.do("add", cart_id, BOWL)
    lab.clock.advance(seconds=20)
    assert (await lab.sweep(), await lab.sweep()) == ((0, 1), (0, 0))
    spells = [(e.sequence, e.data["lines"]) for e in await lab.events(cart_id) if e.name == "CartAbandoned"]
    assert spells == [(2, 1), (3, 2)]
    assert (await lab.read(cart_id)).version == 3
    lab.clock.advance(seconds=40)
    assert await lab.sweep() == (1, 0)


async def test_a_cart_without_lines_is_never_abandoned(lab: Lab) -> None:
    cart_id = await lab.cart()
    emptied = await lab.cart(MUG)
    await lab.do("remove", emptied, "mug")
    lab.clock.advance(seconds=30)
    assert await lab.sweep() == (0, 0)
    assert "CartAbandoned" not in [*await lab.names(cart_id), *await lab.names(emptied)]


async def test_one_sweep_looks_at_no_more_carts_than_it_may(lab: Lab) -> None:
    ids = [await lab.cart(life_ms=1_000) for _ in range(20)]
    lab.clock.advance(seconds=1)
    first = [await lab.store.sweep(shard, 2) for shard in range(lab.store.shards)]
    assert all(swept.looked <= 2 and swept.expired == swept.looked for swept in first)
    expired, _ = await lab.sweep()
    assert expired + sum(swept.expired for swept in first) == 20
    assert [(await lab.names(one)).count("CartExpired") for one in ids] == [1] * 20


async def test_after_the_tombstone_the_store_has_forgotten_an_expired_cart(
    cart_store: Opener, engines: Registry, request: pytest.FixtureRequest
) -> None:
    """Forgetting is by the store's own clock, so this one waits for it."""
    limits = CartLimits(tombstone_ms=400)
    async with cart_store(engines, request.node.nodeid, limits, SystemClock()) as lab:
        cart_id = lab.new_id()
        await lab.store.create(cart_id, "BRL", 30, Guard())

        async def is_over() -> bool:
            return (await lab.sweep())[0] == 1

        await eventually(is_over)
        assert (await lab.read(cart_id)).state == "expired"

        async def is_forgotten() -> bool:
            return (await lab.store.read(cart_id))[1] is None

        await eventually(is_forgotten)
        assert await lab.names(cart_id) == ["CartCreated", "CartExpired"]


async def test_the_shards_with_a_due_cart_are_known_and_when_the_next_deadline_is(lab: Lab) -> None:
    shards = range(lab.store.shards)
    assert await lab.store.due(shards) == Due(shards=(), next_ms=None)
    ids = [await lab.cart(life_ms=60_000) for _ in range(20)]
    assert await lab.store.due(shards) == Due(shards=(), next_ms=60_000)
    lab.clock.advance(ms=59_000)
    late = await lab.cart(life_ms=60_000)
    assert await lab.store.due(shards) == Due(shards=(), next_ms=1_000)
    lab.clock.advance(ms=1_000)
    due = await lab.store.due(shards)
    assert set(due.shards) == {zlib.crc32(cart_id.encode()) % lab.store.shards for cart_id in ids}
    assert await lab.store.due([]) == Due(shards=(), next_ms=None)
    await lab.sweep()
    assert await lab.store.due(shards) == Due(shards=(), next_ms=59_000)
    assert (await lab.read(late)).id == late


@pytest.mark.parametrize(
    ("due", "shards", "wait_s"),
    [
        (Due(shards=(3,), next_ms=9_000), [1, 3], SWEEP_WAIT_MIN_S),
        (Due(shards=(), next_ms=None), [], SWEEP_WAIT_MIN_S),
        (Due(shards=(), next_ms=None), [1], SWEEP_WAIT_MAX_S),
        (Due(shards=(), next_ms=2_000), [1], 2.0),
        (Due(shards=(), next_ms=1), [1], SWEEP_WAIT_MIN_S),
        (Due(shards=(), next_ms=86_400_000), [1], SWEEP_WAIT_MAX_S),
    ],
)
def test_the_sweeper_sleeps_until_the_next_deadline_within_its_bounds(
    due: Due, shards: list[int], wait_s: float
) -> None:
    assert sweep_wait_s(due, shards) == wait_s
