"""What was ordered leaves the cart, wherever it is by then; what was added or saved meanwhile stays."""

import pytest

from renga.domains.cart.contract import CartMergedAway, CartNotFound, Write
from renga.kernel.caller import ANONYMOUS, Caller
from tests.cart.support import Shop, lines_of

SERVICE = Caller("orders", frozenset({"carts:any"}), program=True)
ANA = Caller("ana")


async def line_ids(shop: Shop, cart: str) -> dict[str, str]:
    return {one.sku: one.line for one in (await shop.carts.read(SERVICE, cart)).lines}


async def test_lines_that_were_added_meanwhile_and_saved_ones_stay(shop: Shop) -> None:
    cart = await shop.new_cart()
    await shop.add(cart, "MUG", 2)
    await shop.add(cart, "BOWL", 1)
    ids = await line_ids(shop, cart)
    await shop.carts.save_for_later(ANONYMOUS, cart, ids["BOWL"], Write())
    await shop.carts.start_checkout(ANONYMOUS, cart, Write())
    await shop.add(cart, "MUG", 1)
    done = await shop.carts.complete(SERVICE, cart, {ids["MUG"]: 2}, Write(), order_id="o1")
    assert done.cart is not None
    assert (done.cart.state, lines_of(done.cart)) == ("open", {"MUG": (1, 1_999)})
    all_of_it = await shop.carts.complete(SERVICE, cart, {ids["MUG"]: 1}, Write(), order_id="o2")
    assert all_of_it.cart is not None
    assert (all_of_it.cart.state, [one.sku for one in all_of_it.cart.saved]) == ("open", ["BOWL"])
    await shop.add(cart, "MUG", 1)
    await shop.carts.remove_saved(ANONYMOUS, cart, ids["BOWL"], Write())
    last = await shop.carts.complete(SERVICE, cart, {ids["MUG"]: 1}, Write(), order_id="o3")
    assert last.cart is not None
    assert last.cart.state == "completed"


async def test_the_completion_of_a_merged_cart_follows_its_lines_once(shop: Shop) -> None:
    first, second, third = await shop.new_cart(), await shop.new_cart(), await shop.new_cart(caller=ANA)
    await shop.add(first, "MUG", 2)
    await shop.add(first, "BOWL", 1)
    ids = await line_ids(shop, first)
    await shop.add(second, "MUG", 1)
    await shop.add(third, "BOWL", 3, caller=ANA)
    await shop.carts.merge(ANONYMOUS, second, first, Write())
    await shop.carts.merge(ANA, third, second, Write())
    ordered = {ids["MUG"]: 2, ids["BOWL"]: 1}
    done = await shop.carts.complete(SERVICE, first, ordered, Write(key="k"), order_id="o1")
    assert done.cart is not None
    assert (done.cart_id, lines_of(done.cart)) == (third, {"MUG": (1, 1_999), "BOWL": (3, 3_000)})
    for key in ("k", None):
        again = await shop.carts.complete(SERVICE, first, ordered, Write(key=key), order_id="o1")
        assert (again.cart_id, again.version, again.replayed) == (third, done.version, True)
    assert lines_of(await shop.carts.read(ANA, third)) == {"MUG": (1, 1_999), "BOWL": (3, 3_000)}


async def test_an_order_from_before_the_merge_is_not_subtracted_again_after_it(shop: Shop) -> None:
    source, target = await shop.new_cart(), await shop.new_cart()
    await shop.add(source, "MUG", 5)
    ids = await line_ids(shop, source)
    await shop.carts.complete(SERVICE, source, {ids["MUG"]: 2}, Write(whole=False), order_id="o1")
    await shop.carts.merge(ANONYMOUS, target, source, Write())
    again = await shop.carts.complete(SERVICE, source, {ids["MUG"]: 2}, Write(whole=False), order_id="o1")
    assert again.replayed
    assert lines_of(await shop.carts.read(ANONYMOUS, target)) == {"MUG": (3, 1_999)}


async def test_who_may_not_use_the_target_learns_nothing_of_it(shop: Shop) -> None:
    source, target = await shop.new_cart(), await shop.new_cart(caller=ANA)
    await shop.add(source, "MUG", 2)
    ids = await line_ids(shop, source)
    await shop.carts.merge(ANA, target, source, Write())
    before = await shop.dump(target, source)
    with pytest.raises((CartNotFound, CartMergedAway)) as refused:
        await shop.carts.complete(ANONYMOUS, source, {ids["MUG"]: 2}, Write())
    assert target not in str(refused.value.extra)
    assert await shop.dump(target, source) == before
