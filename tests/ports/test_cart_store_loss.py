"""A store that has lost everything restores carts from dumps, and distinguishes versions before and after the loss."""

import pytest

from renga.domains.cart import contract
from tests.cart.support import argument
from tests.ports.cart_stores import LIMITS, Lab

MUG, BOWL = argument("mug", 5), argument("bowl", 2)


async def _everything(lab: Lab) -> str:
    cart_id = await lab.cart(MUG, argument("cup", 1, options={"engraving": 'Ana "Bia" \\'}))
    await lab.do("saved", cart_id, "cup", "save")
    await lab.do("coupon", cart_id, "PRIMAVERA", "apply")
    await lab.do("note", cart_id, "presente 🎁", operation="n" * 22, fingerprint="note1234")
    await lab.do("claim", cart_id, "ana", caller="ana")
    return cart_id


async def test_a_restore_brings_everything_back_but_for_the_mark_of_the_restore(lab: Lab) -> None:
    cart_id = await _everything(lab)
    fields = (await lab.store.dump([cart_id]))[cart_id]
    lab.wipe()
    assert await lab.store.dump([cart_id]) == {}
    assert await lab.store.restore(cart_id, fields) is True
    assert (await lab.store.dump([cart_id]))[cart_id] == fields | {"restores": "1"}
    again = await lab.do("note", cart_id, "presente 🎁", operation="n" * 22, fingerprint="note1234", caller="ana")
    assert (again.version, again.restores, again.replayed) == (6, 1, True)
    with pytest.raises(contract.VersionConflict) as refused:
        await lab.do("note", cart_id, "x", if_match=("7",), caller="ana")
    assert refused.value.extra == {"etag": "7-1"}
    assert (await lab.do("note", cart_id, "x", if_match=("7-1",), caller="ana")).version == 8


async def test_a_restore_does_not_touch_a_cart_that_is_there(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    fields = (await lab.store.dump([cart_id]))[cart_id]
    await lab.do("add", cart_id, BOWL)
    before = await lab.picture(cart_id)
    assert await lab.store.restore(cart_id, fields) is False
    assert await lab.picture(cart_id) == before


async def test_a_restored_cart_expires_as_the_fact_that_its_lost_life_would_have_told(lab: Lab) -> None:
    """The id is the same, so whoever heard of it before the loss hears nothing new."""
    cart_id = await lab.cart(MUG, life_ms=10_000)
    fields = (await lab.store.dump([cart_id]))[cart_id]
    lab.clock.advance(seconds=10)
    assert await lab.sweep() == (1, 0)
    told = (await lab.events(cart_id))[-1]
    lab.wipe()
    lab.clock.advance(seconds=50)
    assert await lab.store.restore(cart_id, fields) is True
    assert await lab.sweep() == (1, 0)
    (again,) = await lab.events(cart_id)
    assert (again.id, again.sequence, again.data) == (told.id, 3, told.data)


async def test_a_write_after_a_restore_is_another_fact_than_the_lost_one_of_the_same_version(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    fields = (await lab.store.dump([cart_id]))[cart_id]
    await lab.do("add", cart_id, BOWL)
    lost = (await lab.events(cart_id))[-1]
    lab.wipe()
    await lab.store.restore(cart_id, fields)
    await lab.do("add", cart_id, argument("cup"))
    (new,) = await lab.events(cart_id)
    assert (lost.sequence, new.sequence, lost.name, new.name) == (3, 3, "ItemAddedToCart", "ItemAddedToCart")
    assert (lost.id, new.id) == (f"{cart_id}:3:ItemAddedToCart", f"{cart_id}:3-1:ItemAddedToCart")


@pytest.mark.parametrize("end", ["completed", "expired", "merged"])
async def test_a_cart_that_was_over_is_still_over_after_a_restore(lab: Lab, end: str) -> None:
    cart_id = await lab.cart(MUG)
    if end == "completed":
        await lab.do("complete", cart_id, {"mug": 5})
    elif end == "expired":
        lab.clock.advance(ms=LIMITS.life_ms)
        await lab.sweep()
    else:
        target = await lab.cart()
        await lab.store.begin_merge(cart_id, target, "")
        await lab.store.end_merge(cart_id, target, done=True)
    fields = (await lab.store.dump([cart_id]))[cart_id]
    lab.wipe()
    assert await lab.store.restore(cart_id, fields) is True
    assert (await lab.read(cart_id)).state == end
    lab.clock.advance(seconds=3_600)
    assert await lab.sweep() == (0, 0)
    assert await lab.names(cart_id) == []
