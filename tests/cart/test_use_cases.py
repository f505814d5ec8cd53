"""What the cart does with the catalogue's offers, callers and keys: its use cases over a real store."""

from typing import Any

import pytest

from renga.domains.cart import contract
from renga.domains.cart.contract import ANY_CART, NewLine, Write
from renga.domains.cart.model import line_id
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.errors import Forbidden, Invalid, RengaError, Unauthenticated, Unavailable, Unprocessable
from renga.kernel.money import Money, UnknownCurrency
from tests.cart.support import MemoryCatalog, Shop, lines_of, offer


async def test_an_add_keeps_the_title_in_the_buyers_language_and_the_price_in_the_carts_currency(shop: Shop) -> None:
    cart_id = await shop.new_cart("USD")
    cart = await shop.add(cart_id, "MUG", 2, language="en")
    (line,) = cart.lines
    assert (line.line, line.title, line.quantity) == (line_id("MUG", {}), "Mug", 2)
    assert (line.unit_price, line.line_total) == (Money(499, "USD"), Money(998, "USD"))
    assert (line.price_moved, line.current_price) == (False, Money(499, "USD"))
    assert (cart.totals.subtotal, cart.totals.total) == (Money(998, "USD"), Money(998, "USD"))
    assert (cart.counts.lines, cart.counts.items) == (1, 2)


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("pt-BR", "Mug (pt)"),
        ("en", "Mug"),
        ("en-GB", "Mug"),
        ("pt-PT", "Mug (pt)"),
        ("de", "Mug (pt)"),
        ("", "Mug (pt)"),
    ],
)
async def test_the_title_is_in_the_nearest_language_that_the_catalogue_has(
    shop: Shop, language: str, title: str
) -> None:
    cart = await shop.add(await shop.new_cart(), "MUG", language=language)
    assert cart.lines[0].title == title


async def test_a_later_add_in_another_language_keeps_the_title_of_the_first(shop: Shop) -> None:
    cart_id = await shop.new_cart()
    await shop.add(cart_id, "MUG", language="en")
    assert (await shop.add(cart_id, "MUG", language="pt-BR")).lines[0].title == "Mug"


REFUSED: dict[str, tuple[NewLine, str]] = {
    "a sku that the catalogue does not have": (NewLine(sku="NOPE"), "variant_not_found"),
    "a sku that is not sold in the currency": (NewLine(sku="BOOK"), "currency_unavailable"),
    "nothing of it": (NewLine(sku="MUG", quantity=0), "quantity_out_of_range"),
    "less than nothing of it": (NewLine(sku="MUG", quantity=-1), "quantity_out_of_range"),
    "more of it than may be": (NewLine(sku="MUG", quantity=10), "quantity_out_of_range"),
    "a number beyond all bounds": (NewLine(sku="MUG", quantity=10**30), "quantity_out_of_range"),
    "an empty sku": (NewLine(sku=""), "unprocessable"),
    "a sku of too many characters": (NewLine(sku="x" * 129), "unprocessable"),
    "a sku with a line break": (NewLine(sku="MUG\n"), "unprocessable"),
    "too many options": (NewLine(sku="MUG", options={str(n): "x" for n in range(9)}), "unprocessable"),
    "an option of too many characters": (NewLine(sku="MUG", options={"engraving": "x" * 201}), "unprocessable"),
    "an option without a name": (NewLine(sku="MUG", options={"": "x"}), "unprocessable"),
    "an option with a control character": (NewLine(sku="MUG", options={"engraving": "\x00"}), "unprocessable"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_an_add_that_cannot_be_is_refused_and_changes_nothing(shop: Shop, name: str) -> None:
    line, code = REFUSED[name]
    cart_id = await shop.new_cart()
    await shop.add(cart_id, "MUG")
    before = await shop.dump(cart_id)
    with pytest.raises(RengaError) as alone:
        await shop.carts.add_line(ANONYMOUS, cart_id, line, Write(key="k"))
    with pytest.raises(RengaError) as among_others:
        await shop.carts.replace_lines(ANONYMOUS, cart_id, [NewLine(sku="MUG", quantity=2), line], Write(key="k"))
    assert (alone.value.code, among_others.value.code) == (code, code)
    assert await shop.dump(cart_id) == before


async def test_the_price_of_a_line_stays_and_the_cart_says_when_the_catalogues_has_moved(shop: Shop) -> None:
    cart_id = await shop.new_cart()
    await shop.add(cart_id, "MUG", 2)
    shop.catalog.put(offer("MUG", BRL=2_500))
    shop.offers.drop(["MUG"])
    (line,) = (await shop.carts.read(ANONYMOUS, cart_id)).lines
    assert (line.unit_price.amount, line.line_total.amount) == (1_999, 3_998)
    assert (line.price_moved, line.current_price) == (True, Money(2_500, "BRL"))
    cart = await shop.add(cart_id, "MUG", 1)
    assert lines_of(cart) == {"MUG": (3, 1_999)}
    shop.catalog.put(offer("MUG", BRL=1_999))
    shop.offers.drop(["MUG"])
    assert (await shop.carts.read(ANONYMOUS, cart_id)).lines[0].price_moved is False


async def test_a_sku_that_left_the_catalogue_stays_in_the_cart_with_no_price_of_today(shop: Shop) -> None:
    cart_id = await shop.new_cart()
    await shop.add(cart_id, "MUG")
    del shop.catalog.by_sku["MUG"]
    shop.offers.drop(["MUG"])
    (line,) = (await shop.carts.read(ANONYMOUS, cart_id)).lines
    assert (line.price_moved, line.current_price, line.unit_price.amount) == (False, None, 1_999)


async def test_while_the_catalogue_is_away_carts_are_read_and_known_skus_are_added(shop: Shop) -> None:
    cart_id = await shop.new_cart()
    await shop.add(cart_id, "MUG")
    shop.catalog.away = True
    shop.clock.advance(seconds=61)  # type: ignore[attr-defined] # the test's clock
    assert lines_of(await shop.add(cart_id, "MUG")) == {"MUG": (2, 1_999)}
    before = await shop.dump(cart_id)
    with pytest.raises(Unavailable):
        await shop.add(cart_id, "BOWL")
    assert await shop.dump(cart_id) == before
    shop.offers.clear()
    assert lines_of(await shop.carts.read(ANONYMOUS, cart_id)) == {"MUG": (2, 1_999)}


async def test_replace_adds_up_lines_of_the_same_sku_and_options(shop: Shop) -> None:
    cart_id = await shop.new_cart()
    engraved = {"engraving": "Ana"}
    wanted = [NewLine(sku="MUG", quantity=2), NewLine(sku="BOWL"), NewLine(sku="MUG", quantity=3)]
    wanted += [NewLine(sku="MUG", options=engraved), NewLine(sku="MUG", quantity=4, options=dict(engraved))]
    change = await shop.carts.replace_lines(ANONYMOUS, cart_id, wanted, Write())
    assert change.cart is not None
    assert [(x.sku, x.quantity, x.options) for x in change.cart.lines] == [
        ("MUG", 5, {}),
        ("BOWL", 1, {}),
        ("MUG", 5, engraved),
    ]
    before = await shop.dump(cart_id)
    with pytest.raises(contract.QuantityOutOfRange):
        await shop.carts.replace_lines(ANONYMOUS, cart_id, [NewLine(sku="MUG", quantity=5)] * 2, Write())
    assert await shop.dump(cart_id) == before


async def test_many_adds_ask_the_catalogue_once(shop: Shop) -> None:
    cart_id = await shop.new_cart()
    for _ in range(9):
        await shop.add(cart_id, "MUG")
    assert shop.catalog.calls == [["MUG"]]


async def test_a_key_that_no_store_should_keep_is_refused(shop: Shop) -> None:
    cart_id = await shop.new_cart()
    before = await shop.dump(cart_id)
    for key in ("", "x" * 256, "a\nb", "\x00", "\xe9"):
        with pytest.raises(Invalid, match="an idempotency key has from 1 to 255 printable characters"):
            await shop.add(cart_id, "MUG", key=key)
        with pytest.raises(Invalid):
            await shop.carts.create(ANONYMOUS, "BRL", write=Write(key=key))
    assert await shop.dump(cart_id) == before
    assert lines_of(await shop.add(cart_id, "MUG", key="x" * 255)) == {"MUG": (1, 1_999)}


async def test_create_is_idempotent_for_each_caller_and_weak_keys_of_strangers_never_meet(shop: Shop) -> None:
    async def create(caller: Caller = ANONYMOUS, **write: Any) -> str:
        return (await shop.carts.create(caller, "BRL", write=Write(key="1", **write))).cart_id

    first, again = await create(scope="10.0.0.1"), await create(scope="10.0.0.1")
    others = [
        await create(scope="10.0.0.2"),
        await create(Caller("ana"), scope="10.0.0.1"),
        await create(Caller("ana")),
    ]
    assert first == again
    assert len({first, *others}) == 4
    with pytest.raises(contract.IdempotencyConflict):
        await shop.carts.create(ANONYMOUS, "USD", write=Write(key="1", scope="10.0.0.1"))
    with pytest.raises(contract.IdempotencyConflict):
        await shop.carts.create(ANONYMOUS, "BRL", expires_in_s=5, write=Write(key="1", scope="10.0.0.1"))


async def test_creating_without_a_key_makes_another_cart_each_time(shop: Shop) -> None:
    assert len({await shop.new_cart() for _ in range(5)}) == 5


@pytest.mark.parametrize(("asked_s", "life_s"), [(1, 1), (99, 99), (100, 100), (101, 100), (10**30, 100), (None, 100)])
async def test_a_client_shortens_the_life_of_a_cart_and_never_lengthens_it(
    shop: Shop, asked_s: int | None, life_s: int
) -> None:
    change = await shop.carts.create(ANONYMOUS, "BRL", expires_in_s=asked_s, write=Write())
    _, stored = await shop.store.read(change.cart_id)
    assert stored is not None
    assert (stored.life_ms, stored.expires_ms - stored.created_ms) == (life_s * 1000, life_s * 1000)


@pytest.mark.parametrize("asked_s", [0, -1, -(10**30)])
async def test_a_life_of_no_time_is_refused(shop: Shop, asked_s: int) -> None:
    with pytest.raises(Unprocessable) as refused:
        await shop.carts.create(ANONYMOUS, "BRL", expires_in_s=asked_s, write=Write())
    assert refused.value.extra == {"field": "expires_in", "minimum": 1}


async def test_a_cart_in_what_is_no_currency_is_refused(shop: Shop) -> None:
    with pytest.raises(UnknownCurrency):
        await shop.carts.create(ANONYMOUS, "REAIS", write=Write())


async def test_a_claim_needs_a_customer_and_then_the_cart_is_not_found_by_others_but_by_a_service(shop: Shop) -> None:
    cart_id = await shop.new_cart()
    before = await shop.dump(cart_id)
    with pytest.raises(Unauthenticated):
        await shop.carts.claim(ANONYMOUS, cart_id, Write())
    assert await shop.dump(cart_id) == before
    claimed = await shop.carts.claim(Caller("ana"), cart_id, Write())
    assert claimed.cart is not None
    assert (claimed.version, claimed.cart.customer) == (2, "ana")
    before = await shop.dump(cart_id)
    for other in (ANONYMOUS, Caller("bia"), Caller(""), Caller.of_system("tests"), Caller("bia", frozenset({"cart"}))):
        with pytest.raises(contract.CartNotFound):
            await shop.carts.read(other, cart_id)
        with pytest.raises(contract.CartNotFound):
            await shop.add(cart_id, "MUG", caller=other)
    assert await shop.dump(cart_id) == before
    assert (await shop.carts.read(Caller("ana"), cart_id)).id == cart_id
    assert (await shop.carts.read(Caller.of_system("tests", ANY_CART), cart_id)).customer == "ana"
    assert (await shop.add(cart_id, "MUG", caller=Caller.of_system("tests", ANY_CART))).version == 3


async def test_no_customer_gets_the_rights_of_a_service_by_his_name(shop: Shop) -> None:
    cart_id = (await shop.carts.create(Caller("ana"), "BRL", write=Write())).cart_id
    before = await shop.dump(cart_id)
    with pytest.raises(Forbidden):
        await shop.carts.read(Caller("*"), cart_id)
    with pytest.raises(Forbidden):
        await shop.add(cart_id, "MUG", caller=Caller("*"))
    assert await shop.dump(cart_id) == before


async def test_who_may_use_every_cart_owns_none(shop: Shop) -> None:
    service, cart_id = Caller("svc", frozenset({ANY_CART})), await shop.new_cart()
    before = await shop.dump(cart_id)
    for call in (shop.carts.claim(service, cart_id, Write()), shop.carts.take_over(service, cart_id)):
        with pytest.raises(Unauthenticated):
            await call
    with pytest.raises(Unauthenticated):
        await shop.carts.take_over(ANONYMOUS, cart_id)
    assert await shop.dump(cart_id) == before


async def test_a_cart_that_a_service_creates_is_a_guests(shop: Shop) -> None:
    change = await shop.carts.create(Caller.of_system("tests", ANY_CART), "BRL", write=Write())
    assert change.cart is not None
    assert change.cart.customer is None
    assert (await shop.carts.read(ANONYMOUS, change.cart_id)).id == change.cart_id


@pytest.mark.parametrize("cart_id", ["", "x", "1", "../..", "*", "{0}", "01935b7e4a007c3e9a1c2f6d5b8e7a10", "é" * 36])
async def test_what_cannot_be_an_id_is_a_cart_that_does_not_exist(shop: Shop, cart_id: str) -> None:
    with pytest.raises(contract.CartNotFound):
        await shop.carts.read(ANONYMOUS, cart_id)
    with pytest.raises(contract.CartNotFound):
        await shop.carts.add_line(ANONYMOUS, cart_id, NewLine(sku="MUG"), Write())


async def test_an_id_in_capitals_is_the_same_cart(shop: Shop, catalog: MemoryCatalog) -> None:
    cart_id = await shop.new_cart()
    await shop.add(cart_id.upper(), "MUG")
    assert (await shop.carts.read(ANONYMOUS, cart_id.upper())).id == cart_id
