"""An order is subtracted from its cart once, however late and often it is retried: the same in every store."""

import pytest

from renga.domains.cart import contract
from renga.domains.cart.ports import CartLimits, Guard, MergeLoad, WriteOutcome
from tests.cart.support import argument
from tests.engines.registry import Registry
from tests.ports.cart_stores import Lab, Opener

MUG, BOWL = argument("mug", 9), argument("bowl", 2)
KEY = {"operation": "k" * 22, "fingerprint": "done1234"}


async def take(lab: Lab, cart_id: str, quantity: int, order: str, **guard: str) -> WriteOutcome:
    return await lab.store.complete(cart_id, {"mug": quantity}, Guard(**guard), (), order)  # type: ignore[arg-type]  # texts only


async def mugs(lab: Lab, cart_id: str) -> int:
    return {line.line: line.quantity for line in (await lab.read(cart_id)).lines}.get("mug", 0)


async def test_the_same_order_again_is_a_replay_without_a_key_and_changes_nothing(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    first = await take(lab, cart_id, 2, "order-1")
    await lab.do("add", cart_id, BOWL)
    before = await lab.picture(cart_id)
    lab.clock.advance(seconds=1)
    again = await take(lab, cart_id, 2, "order-1", operation="x" * 22, fingerprint="other123")
    assert (first.version, first.replayed, again.version, again.replayed) == (3, False, 3, True)
    assert again.cart == await lab.read(cart_id)
    assert await lab.picture(cart_id) == before
    assert await mugs(lab, cart_id) == 7
    assert (await take(lab, cart_id, 2, "order-2")).version == 5
    assert await mugs(lab, cart_id) == 5


async def test_a_retry_whose_key_was_evicted_takes_nothing_away_twice(
    cart_store: Opener, engines: Registry, request: pytest.FixtureRequest
) -> None:
    async with cart_store(engines, request.node.nodeid, CartLimits(operations_bytes=100), None) as lab:
        cart_id = await lab.cart(MUG)
        await take(lab, cart_id, 4, "order-1", **KEY)
        for number in range(5):
            await lab.do("note", cart_id, "x", operation=f"{number:022}", fingerprint="note1234")
        assert KEY["operation"] not in (await lab.store.dump([cart_id]))[cart_id]["ops"]
        before = await lab.picture(cart_id)
        again = await take(lab, cart_id, 4, "order-1", **KEY)
        assert (again.version, again.replayed) == (3, True)
        assert await lab.picture(cart_id) == before
        assert await mugs(lab, cart_id) == 5


async def test_a_restored_cart_still_refuses_the_second_subtraction(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    await take(lab, cart_id, 4, "order-1", **KEY)
    fields = (await lab.store.dump([cart_id]))[cart_id]
    lab.wipe()
    await lab.store.restore(cart_id, fields)
    before = await lab.picture(cart_id)
    again = await take(lab, cart_id, 4, "order-1")
    assert (again.version, again.restores, again.replayed) == (3, 1, True)
    assert await lab.picture(cart_id) == before
    assert await mugs(lab, cart_id) == 5


async def test_the_order_that_ended_a_cart_is_a_replay_and_any_other_is_refused(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    await take(lab, cart_id, 9, "order-1")
    before = await lab.picture(cart_id)
    again = await take(lab, cart_id, 9, "order-1", if_match=("2",))  # type: ignore[arg-type]  # a condition of long ago
    assert (again.version, again.replayed) == (3, True)
    with pytest.raises(contract.CartAlreadyCompleted):
        await take(lab, cart_id, 9, "order-2")
    assert await lab.picture(cart_id) == before


async def test_an_order_is_remembered_for_the_owner_only(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    await lab.do("claim", cart_id, "ana", caller="ana")
    await take(lab, cart_id, 2, "order-1", caller="ana")
    with pytest.raises(contract.CartNotFound):
        await take(lab, cart_id, 2, "order-1", caller="bia")
    assert (await take(lab, cart_id, 2, "order-1", caller="*")).replayed


async def test_a_cart_remembers_so_many_orders_and_forgets_the_oldest(
    cart_store: Opener, engines: Registry, request: pytest.FixtureRequest
) -> None:
    async with cart_store(engines, request.node.nodeid, CartLimits(orders=2), None) as lab:
        cart_id = await lab.cart(MUG)
        for order in ("z-first", "a-second", "m-third"):
            await take(lab, cart_id, 1, order)
        fields = (await lab.store.dump([cart_id]))[cart_id]
        assert {name: at for name, at in fields.items() if name.startswith("o:")} == {
            "o:a-second": "4",
            "o:m-third": "5",
        }
        assert (await take(lab, cart_id, 1, "a-second")).replayed
        assert await mugs(lab, cart_id) == 6


async def test_a_cart_with_saved_lines_stays_open_when_everything_else_was_ordered(lab: Lab) -> None:
    cart_id = await lab.cart(MUG, BOWL)
    await lab.do("saved", cart_id, "bowl", "save")
    done = await take(lab, cart_id, 9, "order-1")
    assert done.cart is not None
    assert (done.cart.state, done.cart.lines, [one.line for one in done.cart.saved]) == ("open", (), ["bowl"])
    event = (await lab.events(cart_id))[-1]
    assert (event.name, event.data["remaining"], event.data["saved"]) == ("CartCompleted", 0, 1)
    await lab.do("saved", cart_id, "bowl", "restore")
    left = await lab.store.complete(cart_id, {"bowl": 2}, Guard(), (), "order-2")
    assert left.cart is not None
    assert left.cart.state == "completed"


async def test_a_cart_that_was_merged_remembers_what_was_ordered_from_it_before(lab: Lab) -> None:
    source, target = await lab.cart(MUG), await lab.cart(BOWL)
    first = await take(lab, source, 2, "order-1")
    assert await lab.store.begin_merge(source, target, "") is not None
    await lab.store.merge(target, source, MergeLoad(lines=()), Guard())
    await lab.store.end_merge(source, target, done=True)
    for fields in (None, (await lab.store.dump([source]))[source]):
        if fields is not None:
            lab.wipe()
            await lab.store.restore(source, fields)
        again = await take(lab, source, 2, "order-1")
        assert (again.version, again.replayed) == (first.version, True)
        with pytest.raises(contract.CartMergedAway):
            await take(lab, source, 2, "order-2")
