"""What every cart store does with the writes of a cart: one atomic step each, and nothing at all when it refuses."""

from typing import Any

import pytest

from renga.domains.cart import contract
from renga.domains.cart.ports import Guard
from renga.kernel.errors import RengaError
from tests.cart.support import argument, with_quantity
from tests.ports.cart_stores import Lab

MUG = argument("mug", 2)
BOWL = argument("bowl", 1, prices={"BRL": 2_500})


def held(cart: Any) -> list[tuple[str, int, int]]:
    return [(line.line, line.quantity, line.price) for line in cart.lines]


async def test_a_new_cart_is_empty_and_its_first_version_is_1(lab: Lab) -> None:
    cart_id = lab.new_id()
    outcome = await lab.do("create", cart_id, "BRL", 5_000)
    assert (outcome.version, outcome.restores, outcome.line, outcome.replayed) == (1, 0, "", False)
    assert outcome.cart == await lab.read(cart_id)
    cart = outcome.cart
    assert (cart.id, cart.state, cart.version, cart.currency, cart.owner) == (cart_id, "open", 1, "BRL", None)
    assert (cart.lines, cart.saved, cart.coupons, cart.note, cart.etag) == ((), (), (), "", "1")
    now = lab.clock.now_ms()
    assert (cart.created_ms, cart.updated_ms, cart.expires_ms, cart.life_ms) == (now, now, now + 5_000, 5_000)
    assert [(e.type, e.source, e.sequence, e.data) for e in await lab.events(cart_id)] == [
        ("cart.CartCreated", "renga/cart", 1, {"cart_id": cart_id, "version": 1, "currency": "BRL"})
    ]


async def test_the_store_knows_nothing_of_a_cart_that_was_never_created(lab: Lab) -> None:
    now, cart = await lab.store.read(lab.new_id())
    assert (now, cart) == (lab.clock.now_ms(), None)


async def test_adds_sum_up_and_the_price_of_the_first_add_stays(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    lab.clock.advance(seconds=7)
    outcome = await lab.do("add", cart_id, argument("mug", 3, prices={"BRL": 999}, title="Outro"))
    assert (outcome.version, outcome.line) == (3, "mug")
    cart = await lab.read(cart_id)
    assert held(cart) == [("mug", 5, 100)]
    assert (cart.lines[0].sku, cart.lines[0].title) == ("MUG", "Título mug")
    assert (cart.updated_ms, cart.expires_ms) == (lab.clock.now_ms(), lab.clock.now_ms() + 60_000)
    added = (await lab.events(cart_id))[-1]
    assert (added.name, added.sequence) == ("ItemAddedToCart", 3)
    assert added.data == {
        "cart_id": cart_id, "version": 3, "line": "mug", "sku": "MUG", "quantity": 3, "line_quantity": 5,
        "unit_price": 100, "currency": "BRL",
    }  # fmt: skip


async def test_the_price_is_the_one_in_the_currency_of_the_cart(lab: Lab) -> None:
    assert held(await lab.read(await lab.cart(MUG, currency="USD"))) == [("mug", 2, 7)]


async def test_lines_stand_in_the_order_in_which_they_came(lab: Lab) -> None:
    cart_id = await lab.cart(MUG, BOWL, argument("cup"))
    await lab.do("remove", cart_id, "mug")
    await lab.do("add", cart_id, MUG)
    await lab.do("add", cart_id, BOWL)
    assert held(await lab.read(cart_id)) == [("bowl", 2, 2_500), ("cup", 1, 100), ("mug", 2, 100)]


async def test_the_same_sku_with_other_options_is_another_line(lab: Lab) -> None:
    engraved = argument("mug-ana", 1, sku="MUG", options={"engraving": "Ana"})
    cart = await lab.read(await lab.cart(MUG, engraved))
    assert [(x.line, x.sku, x.quantity, x.options) for x in cart.lines] == [
        ("mug", "MUG", 2, {}),
        ("mug-ana", "MUG", 1, {"engraving": "Ana"}),
    ]


async def test_a_quantity_is_set_and_a_line_is_removed(lab: Lab) -> None:
    cart_id = await lab.cart(MUG, BOWL)
    assert (await lab.do("set_quantity", cart_id, "mug", 9)).version == 4
    outcome = await lab.do("remove", cart_id, "bowl")
    assert (outcome.version, outcome.line, held(outcome.cart)) == (5, "bowl", [("mug", 9, 100)])
    changed, removed = (await lab.events(cart_id))[-2:]
    assert (changed.name, changed.data["change"], changed.data["line"]) == ("CartUpdated", "quantity", "mug")
    assert (removed.name, removed.data["sku"], removed.data["quantity"]) == ("ItemRemovedFromCart", "BOWL", 1)


async def test_replace_makes_these_the_lines_and_a_line_that_stays_keeps_its_price(lab: Lab) -> None:
    cart_id = await lab.cart(MUG, BOWL)
    cup, dearer = argument("cup", 4), argument("bowl", 6, prices={"BRL": 9_999})
    outcome = await lab.do("replace", cart_id, [cup, dearer])
    assert (outcome.version, held(outcome.cart)) == (4, [("cup", 4, 100), ("bowl", 6, 2_500)])
    cleared = await lab.do("replace", cart_id, [])
    assert (cleared.version, held(cleared.cart)) == (5, [])
    assert [e.data.get("change") for e in (await lab.events(cart_id))[-2:]] == ["replaced", "cleared"]


async def test_a_line_is_saved_for_later_and_comes_back(lab: Lab) -> None:
    cart_id = await lab.cart(MUG, BOWL)
    saved = await lab.do("saved", cart_id, "mug", "save")
    assert saved.cart is not None
    assert (held(saved.cart), [x.line for x in saved.cart.saved]) == ([("bowl", 1, 2_500)], ["mug"])
    await lab.do("add", cart_id, with_quantity(MUG, 3))
    back = await lab.do("saved", cart_id, "mug", "restore")
    assert back.cart is not None
    assert (held(back.cart), back.cart.saved) == ([("bowl", 1, 2_500), ("mug", 5, 100)], ())
    await lab.do("saved", cart_id, "bowl", "save")
    gone = await lab.do("saved", cart_id, "bowl", "remove")
    assert gone.cart is not None
    assert (gone.version, held(gone.cart), gone.cart.saved) == (8, [("mug", 5, 100)], ())


async def test_coupons_are_kept_once_each_and_the_note_is_kept_as_it_is(lab: Lab) -> None:
    cart_id = await lab.cart()
    for code in ("PRIMAVERA", "FRETE", "PRIMAVERA"):
        await lab.do("coupon", cart_id, code, "apply")
    await lab.do("note", cart_id, 'linha 1\n"linha" \\ 2 🎁')
    cart = await lab.read(cart_id)
    assert (cart.coupons, cart.note, cart.version) == (("PRIMAVERA", "FRETE"), 'linha 1\n"linha" \\ 2 🎁', 5)
    await lab.do("coupon", cart_id, "PRIMAVERA", "remove")
    await lab.do("note", cart_id, "")
    cart = await lab.read(cart_id)
    assert (cart.coupons, cart.note, cart.version) == (("FRETE",), "", 7)


async def test_checkout_lasts_until_the_next_change(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    assert (await lab.do("checkout", cart_id)).cart.state == "checkout"  # type: ignore[union-attr] # the whole is asked for
    assert (await lab.do("add", cart_id, MUG)).cart.state == "open"  # type: ignore[union-attr]
    assert await lab.names(cart_id) == ["CartCreated", "ItemAddedToCart", "CheckoutStarted", "ItemAddedToCart"]


REFUSALS: dict[str, tuple[str, tuple[Any, ...], str, dict[str, Any]]] = {
    "an unknown line's quantity": ("set_quantity", ("cup", 1), "line_not_found", {}),
    "an unknown line's removal": ("remove", ("cup",), "line_not_found", {}),
    "saving an unknown line": ("saved", ("cup", "save"), "line_not_found", {}),
    "bringing back what was not saved": ("saved", ("mug", "restore"), "line_not_found", {}),
    "forgetting what was not saved": ("saved", ("mug", "remove"), "line_not_found", {}),
    "more of a line than may be": ("add", (with_quantity(MUG, 8),), "quantity_out_of_range", {"maximum": 9}),
    "a new line of more than may be": ("add", (argument("cup", 10),), "quantity_out_of_range", {"maximum": 9}),
    "setting more than may be": ("set_quantity", ("mug", 10), "quantity_out_of_range", {"maximum": 9}),
    "replacing by more than may be": ("replace", ([argument("cup", 10)],), "quantity_out_of_range", {"maximum": 9}),
    "a sku that is not sold in the currency": (
        "add", (argument("cup", prices={"USD": 1}),), "currency_unavailable", {"currency": "BRL"}),
    "one such sku among others": (
        "replace", ([argument("cup"), argument("pan", prices={})],), "currency_unavailable", {"currency": "BRL"}),
    "too many lines at once": ("replace", ([argument(f"x{n}") for n in range(4)],), "line_limit", {"limit": 3}),
    "a line of too many bytes": ("add", (argument("cup", title="x" * 600),), "cart_too_large", {"limit": 600}),
    "lines of too many bytes": ("replace", ([argument("cup", title="x" * 600)],), "cart_too_large", {"limit": 600}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_says_its_code_and_changes_nothing(lab: Lab, name: str) -> None:
    operation, args, code, extra = REFUSALS[name]
    cart_id = await lab.cart(MUG, BOWL)
    before = await lab.picture(cart_id)
    lab.clock.advance(seconds=1)
    with pytest.raises(RengaError) as refused:
        await lab.do(operation, cart_id, *args, operation="k" * 22, fingerprint="f" * 8)
    assert (refused.value.code, refused.value.extra) == (code, extra)
    assert await lab.picture(cart_id) == before


async def test_a_full_cart_takes_no_other_line_but_more_of_its_own(lab: Lab) -> None:
    cart_id = await lab.cart(MUG, BOWL, argument("cup"))
    before = await lab.picture(cart_id)
    with pytest.raises(contract.LineLimit) as refused:
        await lab.do("add", cart_id, argument("pan"))
    assert refused.value.extra == {"limit": 3}
    assert await lab.picture(cart_id) == before
    assert (await lab.do("add", cart_id, MUG)).version == 5


async def test_saved_lines_have_the_same_limit_and_do_not_come_back_into_a_full_cart(lab: Lab) -> None:
    names = ["a", "b", "c", "d"]
    cart_id = await lab.cart()
    for name in names[:3]:
        await lab.do("add", cart_id, argument(name))
        await lab.do("saved", cart_id, name, "save")
    await lab.do("add", cart_id, argument("d"))
    before = await lab.picture(cart_id)
    with pytest.raises(contract.LineLimit):
        await lab.do("saved", cart_id, "d", "save")
    assert await lab.picture(cart_id) == before
    for name in ("e", "f"):
        await lab.do("add", cart_id, argument(name))
    before = await lab.picture(cart_id)
    with pytest.raises(contract.LineLimit):
        await lab.do("saved", cart_id, "a", "restore")
    assert await lab.picture(cart_id) == before


async def test_one_coupon_too_many_is_refused_and_changes_nothing(lab: Lab) -> None:
    cart_id = await lab.cart()
    for code in ("A", "B"):
        await lab.do("coupon", cart_id, code, "apply")
    before = await lab.picture(cart_id)
    with pytest.raises(contract.CouponLimit) as refused:
        await lab.do("coupon", cart_id, "C", "apply")
    assert refused.value.extra == {"limit": 2}
    assert await lab.picture(cart_id) == before


async def test_removed_lines_give_their_bytes_back(lab: Lab) -> None:
    cart_id = await lab.cart()
    for round_ in range(10):
        await lab.do("add", cart_id, argument("big", title="x" * 400))
        await lab.do("saved", cart_id, "big", "save")
        await lab.do("saved", cart_id, "big", "remove" if round_ % 2 else "restore")
        await lab.store.replace(cart_id, [argument("big", title="y" * 400)], Guard())
        await lab.do("remove", cart_id, "big")
    assert (await lab.store.dump([cart_id]))[cart_id]["bytes"] == "0"
