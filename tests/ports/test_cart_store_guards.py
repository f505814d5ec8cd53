"""Who may write to a cart, under which conditions, and what a retry with the same key does: the same in every store."""

import asyncio
from typing import Any

import pytest

from renga.domains.cart import contract
from renga.domains.cart.ports import CartLimits, Guard
from renga.kernel.errors import RengaError
from tests.cart.support import argument
from tests.engines.registry import Registry
from tests.ports.cart_stores import Lab, Opener

KEY, OTHER_KEY = "k" * 22, "o" * 22
SAME, OTHER = "same1234", "other123"
MUG = argument("mug", 2)

#: Every operation with an input that a cart of mug and bowl, with cup saved, takes.
WRITES: dict[str, tuple[Any, ...]] = {
    "add": (MUG,),
    "set_quantity": ("mug", 5),
    "remove": ("mug",),
    "replace": ([argument("pan")],),
    "saved": ("cup", "restore"),
    "coupon": ("PRIMAVERA", "apply"),
    "note": ("oi",),
    "claim": ("ana",),
    "checkout": (),
    "complete": ({"mug": 1},),
}


async def _cart(lab: Lab) -> str:
    cart_id = await lab.cart(MUG, argument("bowl"))
    await lab.do("add", cart_id, argument("cup"))
    await lab.do("saved", cart_id, "cup", "save")
    return cart_id


def _caller(name: str) -> str:
    return "ana" if name == "claim" else ""


@pytest.mark.parametrize("name", WRITES)
async def test_a_replay_answers_as_the_first_call_and_changes_nothing(lab: Lab, name: str) -> None:
    cart_id = await _cart(lab)
    guard = {"operation": KEY, "fingerprint": SAME, "caller": _caller(name)}
    first = await lab.do(name, cart_id, *WRITES[name], **guard)
    assert (first.version, first.replayed) == (6, False)
    await lab.do("note", cart_id, "between", caller=_caller(name))
    before = await lab.picture(cart_id)
    lab.clock.advance(seconds=1)
    again = await lab.do(name, cart_id, *WRITES[name], **guard)
    assert (again.version, again.line, again.replayed) == (6, first.line, True)
    assert await lab.picture(cart_id) == before


@pytest.mark.parametrize("name", WRITES)
async def test_the_same_key_with_another_input_is_a_conflict_and_changes_nothing(lab: Lab, name: str) -> None:
    cart_id = await _cart(lab)
    await lab.do("note", cart_id, "first", operation=KEY, fingerprint=SAME)
    before = await lab.picture(cart_id)
    with pytest.raises(contract.IdempotencyConflict):
        await lab.do(name, cart_id, *WRITES[name], operation=KEY, fingerprint=OTHER, caller=_caller(name))
    assert await lab.picture(cart_id) == before


@pytest.mark.parametrize("name", WRITES)
async def test_if_match_lets_a_write_through_at_that_version_only(lab: Lab, name: str) -> None:
    cart_id = await _cart(lab)
    before = await lab.picture(cart_id)
    with pytest.raises(contract.VersionConflict) as refused:
        await lab.do(name, cart_id, *WRITES[name], if_match=("4", "6", "55"), caller=_caller(name))
    assert refused.value.extra == {"etag": "5"}
    assert await lab.picture(cart_id) == before
    assert (await lab.do(name, cart_id, *WRITES[name], if_match=("4", "5"), caller=_caller(name))).version == 6


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("caller", ["", "bia"])
async def test_a_cart_with_an_owner_is_not_found_by_anyone_else(lab: Lab, name: str, caller: str) -> None:
    cart_id = await _cart(lab)
    await lab.do("claim", cart_id, "ana", caller="ana")
    before = await lab.picture(cart_id)
    args = ("bia",) if name == "claim" else WRITES[name]
    with pytest.raises(contract.CartNotFound):
        await lab.do(name, cart_id, *args, caller=caller)
    assert await lab.picture(cart_id) == before


@pytest.mark.parametrize("name", [name for name in WRITES if name != "claim"])
@pytest.mark.parametrize("caller", ["ana", "*"])
async def test_the_owner_and_a_service_write_to_an_owned_cart(lab: Lab, name: str, caller: str) -> None:
    cart_id = await _cart(lab)
    await lab.do("claim", cart_id, "ana", caller="ana")
    outcome = await lab.do(name, cart_id, *WRITES[name], caller=caller)
    assert (outcome.version, outcome.cart.owner) == (7, "ana")  # type: ignore[union-attr] # the whole is asked for


@pytest.mark.parametrize("name", WRITES)
async def test_a_write_to_a_cart_that_does_not_exist_makes_none(lab: Lab, name: str) -> None:
    cart_id = lab.new_id()
    with pytest.raises(contract.CartNotFound):
        await lab.do(name, cart_id, *WRITES[name], caller=_caller(name))
    assert await lab.picture(cart_id) == ({}, [[]])


async def test_claiming_twice_changes_nothing_the_second_time(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    assert (await lab.do("claim", cart_id, "ana", caller="ana")).version == 3
    before = await lab.picture(cart_id)
    again = await lab.do("claim", cart_id, "ana", caller="ana")
    assert (again.version, again.cart.owner) == (3, "ana")  # type: ignore[union-attr] # the whole is asked for
    assert await lab.picture(cart_id) == before


async def test_creating_twice_with_one_key_makes_one_cart(lab: Lab) -> None:
    cart_id = lab.new_id()
    guard = {"operation": KEY, "fingerprint": SAME}
    assert (await lab.do("create", cart_id, "BRL", 5_000, **guard)).replayed is False
    await lab.do("add", cart_id, MUG)
    before = await lab.picture(cart_id)
    again = await lab.do("create", cart_id, "BRL", 5_000, **guard)
    assert (again.version, again.replayed) == (1, True)
    for other in ({"operation": KEY, "fingerprint": OTHER}, {"operation": OTHER_KEY, "fingerprint": SAME}, {}):
        with pytest.raises(contract.IdempotencyConflict):
            await lab.do("create", cart_id, "BRL", 5_000, **other)
    assert await lab.picture(cart_id) == before


async def test_a_customer_owns_the_cart_that_he_creates(lab: Lab) -> None:
    cart_id = lab.new_id()
    assert (await lab.do("create", cart_id, "BRL", 5_000, caller="ana")).cart.owner == "ana"  # type: ignore[union-attr]
    with pytest.raises(contract.CartNotFound):
        await lab.do("add", cart_id, MUG)


async def test_without_the_whole_the_version_alone_is_answered(lab: Lab) -> None:
    cart_id = await lab.cart()
    outcome = await lab.do("add", cart_id, MUG, whole=False)
    assert (outcome.version, outcome.line, outcome.cart) == (2, "mug", None)


async def test_a_refused_write_leaves_its_key_free(lab: Lab) -> None:
    """Idempotency that lies: the key stays recorded though the work failed, and the retry is told 'done'."""
    cart_id = await lab.cart(MUG)
    with pytest.raises(contract.QuantityOutOfRange):
        await lab.do("set_quantity", cart_id, "mug", 10, operation=KEY, fingerprint=SAME)
    outcome = await lab.do("set_quantity", cart_id, "mug", 3, operation=KEY, fingerprint=OTHER)
    assert (outcome.version, outcome.replayed) == (3, False)


async def test_the_oldest_keys_are_forgotten_first_and_their_number_is_bounded(
    cart_store: Opener, engines: Registry, request: pytest.FixtureRequest
) -> None:
    async with cart_store(engines, request.node.nodeid, CartLimits(operations_bytes=400), None) as lab:
        cart_id = await lab.cart()
        for n in range(50):
            await lab.do("note", cart_id, str(n), operation=f"{n:022d}", fingerprint=SAME)
        assert len((await lab.store.dump([cart_id]))[cart_id]["ops"]) <= 400
        assert (await lab.do("note", cart_id, "49", operation=f"{49:022d}", fingerprint=SAME)).version == 51
        assert (await lab.do("note", cart_id, "0", operation=f"{0:022d}", fingerprint=SAME)).replayed is False


async def test_fifty_writers_at_once_lose_nothing(lab: Lab) -> None:
    cart_id = await lab.cart(argument("mug", 1), argument("bowl", 1), argument("cup", 1))

    async def write(n: int) -> int | str:
        try:
            return (await lab.do("add", cart_id, argument(("mug", "bowl", "cup")[n % 3], 1))).version
        except RengaError as error:
            return error.code

    done = await asyncio.gather(*(write(n) for n in range(50)))
    cart = await lab.read(cart_id)
    assert [line.quantity for line in cart.lines] == [9, 9, 9]
    assert sorted(x for x in done if isinstance(x, int)) == list(range(5, 29))
    assert done.count("quantity_out_of_range") == 50 - 24
    assert [event.sequence for event in await lab.events(cart_id)] == list(range(1, 29))


async def test_the_same_write_sent_at_once_many_times_counts_once(lab: Lab) -> None:
    cart_id = await lab.cart()
    guard = Guard(operation=KEY, fingerprint=SAME)
    done = await asyncio.gather(*(lab.store.add(cart_id, MUG, guard) for _ in range(20)))
    assert {outcome.version for outcome in done} == {2}
    assert sorted(outcome.replayed for outcome in done) == [False] + [True] * 19
    assert [(line.line, line.quantity) for line in (await lab.read(cart_id)).lines] == [("mug", 2)]
