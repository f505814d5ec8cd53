"""PATCH /v1/checkouts: every change makes a new quote, of fresh offers; what is wrong changes nothing."""

import asyncio
from typing import Any

import msgspec
import pytest

from renga.domains.cart.contract import Write
from renga.domains.orders.contract import CheckoutBusy, CheckoutEnded, CheckoutHasExpired
from renga.domains.pricing.contract import ShippingCharge, ShippingOptionUnknown
from tests.face_clients import FaceClients
from tests.orders.counter import ADDRESS, GUEST, READY, US_ADDRESS, Counter, codes_of
from tests.pricing.shop import percent


async def test_a_changed_price_of_the_catalogue_is_in_the_next_quote(counter: Counter) -> None:
    """No bus runs here: the offer is read from its owner."""
    await counter.house.sell("MUG", 5000)
    made = await counter.start(await counter.cart_of({"MUG": 1}))
    await counter.price("MUG", 6000)
    line = (await counter.read(made)).quote.lines[0]  # type: ignore[union-attr]
    assert (line.now and line.now.amount) == 5000, "the quote that was shown lives"
    changed = await counter.change(made, email="ana@example.com")
    assert changed.quote
    assert made.quote
    assert changed.quote.id != made.quote.id
    line = changed.quote.lines[0]
    assert (line.was and line.was.amount, line.now and line.now.amount, line.change) == (5000, 6000, "price_up")
    assert changed.quote.consent_required
    await counter.price("MUG", 4000)
    again = await counter.change(made)
    assert again.quote
    assert (again.quote.lines[0].change, again.quote.consent_required) == ("price_down", False)


async def test_what_is_left_out_stays_and_null_removes(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    made = await counter.start(
        await counter.cart_of({"MUG": 1}), **READY, tax_id="111.444.777-35", gift_cards=["G1"], coupons=["A", "a "],
        consents={"terms": "2026-11", "news": False}, billing_address=US_ADDRESS,
    )  # fmt: skip
    assert (made.tax_id, made.coupons, made.consents) == ("11144477735", ("A",), {"news": False, "terms": "2026-11"})
    same = await counter.change(made, shipping_option="standard")
    for name in (
        "email",
        "tax_id",
        "shipping_address",
        "billing_address",
        "payment",
        "gift_cards",
        "coupons",
        "consents",
    ):
        assert getattr(same, name) == getattr(made, name), name
    gone: dict[str, Any] = dict.fromkeys(
        ("email", "tax_id", "shipping_address", "billing_address", "payment", "gift_cards", "coupons", "consents",
         "shipping_option", "country")
    )  # fmt: skip
    bare = await counter.change(made, **gone)
    assert (bare.email, bare.tax_id, bare.payment, bare.gift_cards, bare.consents) == (None, None, None, (), {})
    assert (bare.shipping_address, bare.billing_address, bare.shipping_option, bare.coupons) == (None, None, None, ())


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"email": "ana"}, "email_invalid", "email"),
    ({"email": "a b@example.com"}, "email_invalid", "email"),
    ({"email": "ana@example.com\u0000"}, "email_invalid", "email"),
    ({"tax_id": "111.111.111-11"}, "tax_id_invalid", "tax_id"),
    ({"tax_id": "12.ABC.345/01DE-36"}, "tax_id_invalid", "tax_id"),
    ({"tax_id": ""}, "tax_id_invalid", "tax_id"),
    ({"tax_id": "\uff11" * 11}, "tax_id_invalid", "tax_id"),
    ({"country": "br"}, "checkout_invalid", "country"),
    ({"country": "XX"}, "checkout_invalid", "country"),
    ({"shipping_address": {**ADDRESS, "country": "EU"}}, "address_invalid", "shipping_address.country"),
    ({"shipping_option": "bike"}, "shipping_option_unknown", "shipping_option"),
    ({"shipping_option": "\u0000"}, "checkout_invalid", "shipping_option"),
    ({"coupons": [" "]}, "checkout_invalid", "coupons"),
    ({"gift_cards": ["A\nB"]}, "checkout_invalid", "gift_cards"),
    ({"consents": {"Terms": True}}, "checkout_invalid", "consents"),
    ({"consents": {"terms": ""}}, "checkout_invalid", "consents.terms"),
    ({"shipping_address": {**ADDRESS, "city": " "}}, "address_invalid", "shipping_address.city"),
    ({"shipping_address": {**ADDRESS, "name": "A\u0000"}}, "address_invalid", "shipping_address.name"),
    ({"shipping_address": {**ADDRESS, "street": "x" * 201}}, "address_invalid", "shipping_address.street"),
    ({"shipping_address": {**ADDRESS, "country": "BRA"}}, "address_invalid", "shipping_address.country"),
    ({"shipping_address": {**ADDRESS, "region": "São"}}, "address_invalid", "shipping_address.region"),
    ({"shipping_address": {**ADDRESS, "phone": "call me"}}, "address_invalid", "shipping_address.phone"),
    ({"shipping_address": {**ADDRESS, "postal_code": "1310"}}, "postal_code_invalid", "shipping_address.postal_code"),
    ({"billing_address": {**ADDRESS, "postal_code": "ABC"}}, "postal_code_invalid", "billing_address.postal_code"),
]


async def test_what_is_wrong_says_so_and_changes_nothing(clients: FaceClients, counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    made = await counter.start(await counter.cart_of({"MUG": 1}), **READY)
    client = clients.as_(None)
    for said, code, field in WRONG:
        answer = await client.patch(f"/v1/checkouts/{made.id}", json=said)
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem.get("field")) == (422, code, field), said
    malformed: list[Any] = [
        {"payment": {"method": "cash"}}, {"payment": {"method": "card", "instalments": 25}}, {"extra": 1},
        {"email": "a" * 300}, {"gift_cards": ["A"] * 5}, {"consents": {f"c{n}": True for n in range(21)}},
        {"cart_version": 2**70}, {"cart_version": -1}, {"shipping_address": {"name": "Ana"}}, {"cart_id": made.cart_id}, [],
    ]  # fmt: skip
    for said in malformed:
        answer = await client.patch(f"/v1/checkouts/{made.id}", json=said)
        assert answer.status_code in (400, 422), (said, answer.text)
    assert await counter.read(made) == made
    assert await counter.count("quotes") == 1


async def test_a_way_of_delivery_that_is_gone_with_the_address_is_forgotten(counter: Counter) -> None:
    class Bikes:
        async def rates(self, terms: Any, destination: Any, weights_g: Any) -> list[ShippingCharge]:
            post = ShippingCharge(id="post", option="post", title="Post", amount=900)
            bike = ShippingCharge(id="bike", option="bike", title="Bike", amount=2000)
            return [post, bike] if destination.country == "BR" else [post]

    pricing = counter.house.pricing
    counter.checkouts = type(counter.checkouts)(
        msgspec.structs.replace(
            counter.checkouts.dependencies,
            pricing=type(pricing)(msgspec.structs.replace(pricing.dependencies, shipping=Bikes()), pricing.carts),
        )
    )
    await counter.house.sell("MUG", prices={"BRL": 5000, "USD": 1000})
    made = await counter.start(await counter.cart_of({"MUG": 1}), **READY, shipping_option="bike")
    assert made.quote
    assert made.quote.shipping.amount == 2000
    assert [one.id for one in made.shipping_options] == ["post", "bike"]
    moved = await counter.change(made, shipping_address=US_ADDRESS)
    assert moved.quote
    assert (moved.shipping_option, moved.quote.shipping.amount) == (None, 900)
    with pytest.raises(ShippingOptionUnknown) as refused:
        await counter.change(made, shipping_option="bike")
    assert refused.value.options == ("post",)


async def test_coupons_of_the_checkout_and_of_the_cart_count_and_refused_ones_say_why(counter: Counter) -> None:
    await counter.house.sell("MUG", 1000)
    await counter.house.promote(percent(1000), codes=["TEN"])
    cart = await counter.cart_of({"MUG": 1})
    await counter.cart.carts.apply_coupon(GUEST, cart, "ten", Write())
    made = await counter.start(cart, coupons=["Ten", "nothing"])
    assert made.quote
    assert [(one.code, one.refused) for one in made.quote.coupons] == [
        ("nothing", "coupon_unknown"),
        ("TEN", None),
    ]
    assert made.quote.discounts.amount == 100


async def test_changes_at_the_same_time_are_all_made(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    made = await counter.start(await counter.cart_of({"MUG": 1}))
    changes: list[dict[str, Any]] = [
        {"email": "ana@example.com"},
        {"tax_id": "11144477735"},
        {"payment": {"method": "pix"}},
    ]
    await asyncio.gather(*(counter.change(made, **change) for change in changes))
    after = await counter.read(made)
    assert (after.email, after.tax_id, after.payment and after.payment.method) == (
        "ana@example.com",
        "11144477735",
        "pix",
    )
    assert await counter.count("quotes") == 1


async def test_only_an_open_checkout_changes(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    made = await counter.start(await counter.cart_of({"MUG": 1}), **READY)
    states = (("placing", None, CheckoutBusy), ("completed", 1, CheckoutEnded), ("abandoned", 1, CheckoutEnded),
              ("expired", 1, CheckoutHasExpired))  # fmt: skip
    for state, ended, error in states:
        await counter.house.pool.execute("UPDATE orders.checkouts SET state = $1, ended_ms = $2", state, ended)
        with pytest.raises(error):
            await counter.change(made, email="eve@example.com")
        there = await counter.read(made)
        assert (there.state, there.email, there.requirements) == (state, "ana@example.com", ())


async def test_what_is_required_of_whom(counter: Counter) -> None:
    await counter.house.sell("MUG", prices={"BRL": 5000, "USD": 1000, "JPY": 900})
    await counter.house.sell("SONG", 300, variant={"digital": True})
    made = await counter.start(await counter.cart_of({"MUG": 1}, country=""))
    assert codes_of(made) == {
        "email_required": "$.email", "shipping_address_required": "$.shipping_address",
        "payment_method_required": "$.payment.method",
    }  # fmt: skip
    assert (made.payment_methods, made.shipping_options) == ((), ()), "it is not known where it goes"
    bare = {name: value for name, value in ADDRESS.items() if name not in ("region", "postal_code")}
    some = await counter.change(made, email="a@example.com", shipping_address=bare, payment={"method": "boleto"})
    assert codes_of(some) == {
        "region_required": "$.shipping_address.region", "postal_code_required": "$.shipping_address.postal_code",
        "tax_id_required": "$.tax_id",
    }  # fmt: skip
    abroad = await counter.change(made, shipping_address=US_ADDRESS)
    assert codes_of(abroad) == {"payment_method_unavailable": "$.payment.method", "tax_id_required": "$.tax_id"}
    parts = await counter.change(made, payment={"method": "card", "instalments": 4})
    assert codes_of(parts) == {"instalments_unavailable": "$.payment.instalments"}
    assert codes_of(await counter.change(made, payment={"method": "card", "instalments": 3})) == {}
    song = await counter.start(await counter.cart_of({"SONG": 1}), email="a@example.com", payment={"method": "pix"})
    assert codes_of(song) == {}, "nothing has to be delivered"
    nobody = await counter.change(song, payment={"method": "boleto"}, tax_id="11144477735")
    assert codes_of(nobody) == {"billing_address_required": "$.billing_address"}, "a boleto is drawn on somebody"
    assert codes_of(await counter.change(song, billing_address=ADDRESS)) == {}
    yen = await counter.start(await counter.cart_of({"MUG": 1}, currency="JPY"), **READY)
    assert codes_of(yen) == {"not_delivered_there": "$.shipping_address.country"}


async def test_settings_require_more(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    made = await counter.start(await counter.cart_of({"MUG": 1}), **READY)
    strict = counter.with_settings(tax_id_required=True, consents_required=("terms", "age"))
    there = await strict.read(GUEST, made.id)
    assert [(one.code, one.path, one.resolved_by) for one in there.requirements] == [
        ("tax_id_required", "$.tax_id", "client"), ("consent_required", "$.consents['terms']", "buyer_here"),
        ("consent_required", "$.consents['age']", "buyer_here"),
    ]  # fmt: skip
    counter.checkouts = strict
    given = await counter.change(made, tax_id="12.abc.345/01de-35", consents={"terms": "v2", "age": False})
    assert (given.tax_id, codes_of(given)) == ("12ABC34501DE35", {"consent_required": "$.consents['age']"})


async def test_brazil_and_the_united_states_are_delivered_to(counter: Counter) -> None:
    await counter.house.sell("MUG", prices={"BRL": 5000, "USD": 1000})
    for currency, address, shipping in (("BRL", ADDRESS, 1990), ("USD", US_ADDRESS, 590)):
        cart = await counter.cart_of({"MUG": 1}, currency=currency)
        made = await counter.start(cart, **{**READY, "shipping_address": address}, shipping_option="standard")
        assert made.quote
        assert (codes_of(made), made.quote.shipping.amount) == ({}, shipping)


async def test_what_is_out_of_stock_is_shown_and_nothing_left_is_required(counter: Counter) -> None:
    await counter.house.sell("MUG", 1000)
    made = await counter.start(await counter.cart_of({"MUG": 3}), **READY)
    counter.house.stock.by_sku["MUG"] = 2000
    less = await counter.change(made)
    assert less.quote
    assert (less.quote.lines[0].change, less.quote.lines[0].quantity) == ("quantity_reduced", 2)
    assert (less.quote.consent_required, codes_of(less)) == (True, {})
    counter.house.stock.by_sku["MUG"] = 0
    none = await counter.change(made)
    assert none.quote
    assert none.quote.lines[0].change == "unavailable"
    assert codes_of(none) == {"nothing_available": "$.quote.lines"}


async def test_interest_that_the_buyer_pays_is_a_surcharge_of_the_quote(counter: Counter) -> None:
    await counter.house.sell("MUG", 8010)
    made = await counter.start(await counter.cart_of({"MUG": 1}), **READY)
    free = await counter.change(made, payment={"method": "card", "instalments": 3})
    assert free.quote
    assert (free.quote.total.amount, free.quote.surcharge.amount) == (10_000, 0)
    dear = await counter.change(made, payment={"method": "card", "instalments": 12})
    assert dear.quote
    assert (dear.quote.total.amount, dear.quote.surcharge.amount, codes_of(dear)) == (11_000, 1_000, {})
    assert [one.type for one in dear.quote.totals] == ["subtotal", "shipping", "surcharge", "total"]
    assert dear.payment_methods == free.payment_methods, "offered for what it costs without interest"
    back = await counter.change(made, payment={"method": "pix"})
    assert back.quote
    assert back.quote.total.amount == 10_000


async def test_a_gift_card_that_is_written_twice_is_one(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    spellings = ["ABCD-EFGH", "abcdefgh", "ABCD EFGH ", "other"]
    made = await counter.start(await counter.cart_of({"MUG": 1}), **READY, gift_cards=spellings)
    assert made.gift_cards == ("ABCD-EFGH", "other")
