"""A person is erased from a cart; the rest of the cart stays: the same in every store."""

from typing import Any

import pytest

from renga.domains.cart import contract
from tests.cart.support import argument
from tests.ports.cart_stores import Lab

MUG = argument("mug", 2)
ENGRAVED = argument("cup", 1, options={"engraving": 'Para "Ana"'})


async def _hers(lab: Lab, **more: Any) -> str:
    """Ana's cart: a mug, an engraved cup, a saved bowl, a saved engraved pan, a note and a coupon."""
    cart_id = await lab.cart(MUG, ENGRAVED, **more)
    await lab.do("claim", cart_id, "ana", caller="ana")
    for line in (argument("bowl"), argument("pan", options={"engraving": "Ana"})):
        await lab.do("add", cart_id, line, caller="ana")
        await lab.do("saved", cart_id, line.line, "save", caller="ana")
    await lab.do("note", cart_id, "ligar para Ana", caller="ana")
    await lab.do("coupon", cart_id, "PRIMAVERA", "apply", caller="ana")
    return cart_id


async def test_owner_note_and_lines_with_her_own_words_go_and_the_rest_stays(lab: Lab) -> None:
    cart_id = await _hers(lab)
    before = await lab.read(cart_id)
    assert await lab.store.erase(cart_id, "ana") is True
    cart = await lab.read(cart_id)
    assert (cart.owner, cart.note, cart.coupons) == (None, "", ("PRIMAVERA",))
    assert ([x.line for x in cart.lines], [x.line for x in cart.saved]) == (["mug"], ["bowl"])
    assert (cart.version, cart.expires_ms, cart.updated_ms) == (
        before.version + 1, before.expires_ms, before.updated_ms,
    )  # fmt: skip
    told = (await lab.events(cart_id))[-1]
    assert (told.name, told.data) == (
        "CartUpdated", {"cart_id": cart_id, "version": cart.version, "change": "erased"},
    )  # fmt: skip
    assert "Ana" not in str(await lab.store.dump([cart_id]))


async def test_the_counts_and_bytes_of_the_cart_are_those_of_the_lines_that_stayed(lab: Lab) -> None:
    cart_id = await _hers(lab)
    await lab.store.erase(cart_id, "ana")
    erased = (await lab.store.dump([cart_id]))[cart_id]
    plain = await lab.cart(MUG, argument("bowl"))
    await lab.do("saved", plain, "bowl", "save")
    expected = (await lab.store.dump([plain]))[plain]
    assert [(erased[x], expected[x]) for x in ("lines", "saved")] == [("1", "1"), ("1", "1")]
    sequences = sum(len(erased[f].split()[1]) - len(expected[f].split()[1]) for f in ("l:mug", "s:bowl"))
    assert int(erased["bytes"]) == int(expected["bytes"]) + sequences
    await lab.do("add", cart_id, argument("x"))
    await lab.do("add", cart_id, argument("y"))
    with pytest.raises(contract.LineLimit):
        await lab.do("add", cart_id, argument("z"))


async def test_erasing_again_or_someone_else_changes_nothing(lab: Lab) -> None:
    cart_id = await _hers(lab)
    before = await lab.picture(cart_id)
    assert await lab.store.erase(cart_id, "bia") is False
    assert await lab.store.erase(lab.new_id(), "ana") is False
    assert await lab.picture(cart_id) == before
    await lab.store.erase(cart_id, "ana")
    before = await lab.picture(cart_id)
    assert await lab.store.erase(cart_id, "ana") is False
    assert await lab.picture(cart_id) == before


async def test_a_tombstone_forgets_its_owner_and_says_nothing_more(lab: Lab) -> None:
    merged, target = await _hers(lab), await lab.cart()
    await lab.store.begin_merge(merged, target, "ana")
    await lab.store.end_merge(merged, target, done=True)
    expired = await _hers(lab, life_ms=1_000)
    lab.clock.advance(seconds=1)
    await lab.sweep()
    for cart_id, state in ((merged, "merged"), (expired, "expired")):
        names = await lab.names(cart_id)
        assert await lab.store.erase(cart_id, "ana") is True
        cart = await lab.read(cart_id)
        assert (cart.owner, cart.state) == (None, state)
        assert await lab.names(cart_id) == names


async def test_a_completed_cart_stays_completed_and_an_emptied_one_still_expires(lab: Lab) -> None:
    done = await lab.cart(MUG)
    await lab.do("claim", done, "ana", caller="ana")
    await lab.do("complete", done, {"mug": 2}, caller="ana")
    emptied = await lab.cart(ENGRAVED)
    await lab.do("claim", emptied, "ana", caller="ana")
    for cart_id in (done, emptied):
        assert await lab.store.erase(cart_id, "ana") is True
    assert [(await lab.read(one)).state for one in (done, emptied)] == ["completed", "open"]
    lab.clock.advance(seconds=3_600)
    assert await lab.sweep() == (1, 0)
    assert (await lab.names(emptied))[-2:] == ["CartUpdated", "CartExpired"]
