"""Estimates of carts: fresh prices, promotions, coupons, shipping, taxes, stock; who may see them; nothing is changed."""

from typing import Any

import pytest

from renga.domains.cart.contract import CartNotFound, Write
from renga.domains.pricing.contract import (
    CodeBatchDraft,
    CouponCodeTaken,
    EstimateRequest,
    PricingPolicy,
    Quote,
    QuoteTooLarge,
    ShippingCharge,
    ShippingOptionUnknown,
    TaxRate,
    TaxTables,
    TaxZone,
)
from renga.domains.pricing.model.delivery_options import chosen_rates
from renga.kernel.buyer_terms import TermsInvalid, VerifiedFacts
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.destination import PostalCodeInvalid
from tests.face_clients import FaceClients
from tests.pricing.house import BUYER, MANAGER, House
from tests.pricing.shop import amount_off, check_sums, percent, used

ANA = Caller("ana", frozenset({"cart"}))
BR = EstimateRequest(country="BR", postal_code="01310-100")


async def estimate(house: House, cart: str, caller: Caller = ANONYMOUS, **asked: Any) -> Quote:
    quote = await house.pricing.estimate(caller, cart, EstimateRequest(**asked))
    check_sums(quote)
    return quote


async def test_an_estimate_over_http_has_every_part(clients: FaceClients, house: House) -> None:
    await house.sell("MUG", 5000)
    coupon = await house.promote(percent(1000), codes=["PRIMAVERA"], name="Spring")
    cart = await house.cart_of({"MUG": 2})
    body = {"country": "BR", "postal_code": "01310-100", "coupons": ["primavera", "nothing"]}
    answer = await clients.as_(None).post(f"/v1/carts/{cart}/estimate", json=body)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store"), answer.text
    quote = answer.json()
    totals = {one["type"]: one["amount"]["amount"] for one in quote["totals"]}
    assert totals == {"subtotal": 10_000, "discount": -1000, "shipping": 1990, "total": 10_990}
    assert quote["coupons"] == [
        {"code": "nothing", "refused": "coupon_unknown"},
        {"code": "primavera", "promotion": coupon.id},
    ]
    assert [one["kind"] for one in quote["lines"][0]["why"]] == ["base", "coupon"]
    assert (quote["consent_required"], "id" in quote) == (False, False)
    assert {"tax_request", "tax_answer"}.isdisjoint(quote), "they have the buyer's tax number"


async def test_it_follows_the_catalogue_and_changes_no_cart(house: House) -> None:
    await house.sell("MUG", 5000)
    cart = await house.cart_of({"MUG": 1}, country="BR")
    before = await house.cart.carts.read(ANONYMOUS, cart)
    change = {"slug": "mug", "title": {"en": "Mug"}, "variants": [{"sku": "MUG", "prices": {"BRL": 6000}}]}
    await house.catalog.replace_product(Caller.of_system("tests", "catalog:manage"), "mug", change)
    quote = await estimate(house, cart)
    line = quote.lines[0]
    assert (line.change, line.was and line.was.amount, line.now and line.now.amount) == ("price_up", 5000, 6000)
    assert quote.consent_required
    after = await house.cart.carts.read(ANONYMOUS, cart)
    assert (after.version, after.lines[0].unit_price) == (before.version, before.lines[0].unit_price)
    await house.catalog.archive_product(Caller.of_system("tests", "catalog:manage"), "mug")
    assert (await estimate(house, cart)).lines[0].change == "unavailable"


async def test_who_may_not_see_the_cart_may_not_see_its_price(clients: FaceClients, house: House) -> None:
    await house.sell("MUG")
    own = await house.cart_of({"MUG": 1}, ANA)
    for who in (None, BUYER):
        answer = await clients.as_(who).post(f"/v1/carts/{own}/estimate", json={"country": "BR"})
        assert (answer.status_code, answer.json()["code"]) == (404, "cart_not_found")
    with pytest.raises(CartNotFound):
        await house.pricing.estimate(Caller("bob", frozenset({"cart"})), own, BR)
    assert (await estimate(house, own, ANA)).total.amount == 1000
    service = Caller.of_system("orders", "carts:any")
    assert (await house.pricing.estimate(service, own, EstimateRequest())).total.amount == 1000


async def test_verified_groups_and_facts_count_and_nothing_that_is_asked_for(house: House) -> None:
    trade = {"price_list": [{"currency": "BRL", "amount": 700, "group": "trade"}]}
    await house.sell("MUG", 1000, variant=trade)
    await house.promote(amount_off(50), conditions=[{"type": "customer_groups", "groups": ["trade"]}])
    cart = await house.cart_of({"MUG": 1}, ANA)
    assert (await estimate(house, cart, ANA)).total.amount == 1000
    house.buyers.by_customer["ana"] = VerifiedFacts(groups=("trade",))
    assert (await estimate(house, cart, ANA)).total.amount == 650


async def test_the_payment_method_and_the_first_order_count(house: House) -> None:
    await house.sell("MUG", 1000)
    await house.promote(percent(500), conditions=[{"type": "payment_methods", "methods": ["pix"]}])
    first = await house.promote(amount_off(100), conditions=[{"type": "first_order"}])
    cart, guest = await house.cart_of({"MUG": 1}, ANA), await house.cart_of({"MUG": 1})
    assert (await estimate(house, cart, ANA, payment_method="pix")).total.amount == 850
    assert (await estimate(house, guest)).total.amount == 1000
    assert used(await estimate(house, cart, ANA)) == {first.id: 100}
    await house.pricing.redeem(house.hold("order", customer="ana"))
    assert used(await estimate(house, cart, ANA)) == {first.id: 100}
    await house.pricing.commit("order")
    assert used(await estimate(house, cart, ANA)) == {}


async def test_used_up_promotions_and_codes_say_so(house: House) -> None:
    await house.sell("MUG", 1000)
    one = await house.promote(percent(1000), codes=["ONE"], limits={"uses": 1})
    batch_of = await house.promote(percent(2000), code_batches=True)
    batch, _ = await house.pricing.make_codes(MANAGER, batch_of.id, CodeBatchDraft(count=1))
    (single,) = await house.pricing.codes(MANAGER, batch_of.id, batch.id)
    cart = await house.cart_of({"MUG": 1})

    async def refusals() -> dict[str, str | None]:
        quote = await estimate(house, cart, coupons=("one", single.lower()))
        return {coupon.code: coupon.refused for coupon in quote.coupons}

    assert await refusals() == {"one": None, single.lower(): None}
    await house.pricing.redeem(house.hold("a", one))
    await house.pricing.redeem(house.hold("b", batch_of, code=single))
    assert await refusals() == {"one": "coupon_exhausted", single.lower(): "coupon_used"}
    await house.pricing.release("a")
    await house.pricing.release("b")
    assert await refusals() == {"one": None, single.lower(): None}


async def test_codes_in_the_cart_count_too_and_only_once(house: House) -> None:
    await house.sell("MUG", 1000)
    one = await house.promote(amount_off(100), codes=["ONE"])
    cart = await house.cart_of({"MUG": 1})
    await house.cart.carts.apply_coupon(ANONYMOUS, cart, "one", Write())
    assert used(await estimate(house, cart)) == {one.id: 100}
    assert len((await estimate(house, cart, coupons=(" One ",))).coupons) == 1
    with pytest.raises(QuoteTooLarge):
        await estimate(house, cart, coupons=tuple(f"C{n}" for n in range(20)))


async def test_stock_limits_what_is_counted_and_gifts(house: House) -> None:
    await house.sell("MUG", 1000)
    await house.sell("PEN", 300)
    await house.promote({"type": "gift", "sku": "PEN"})
    cart = await house.cart_of({"MUG": 3})
    house.stock.by_sku |= {"MUG": 2000, "PEN": None}
    quote = await estimate(house, cart)
    assert [(one.sku, one.quantity, one.change, one.gift) for one in quote.lines] == [
        ("MUG", 2, "quantity_reduced", False), ("PEN", 1, None, True),
    ]  # fmt: skip
    house.stock.by_sku |= {"MUG": 0, "PEN": 0}
    assert [one.change for one in (await estimate(house, cart)).lines] == ["unavailable"]


async def test_what_is_not_counted_is_as_its_merchant_declares(house: House) -> None:
    await house.sell("LATE", 1000, variant={"availability": "preorder"})
    await house.sell("GONE", 1000)
    cart = await house.cart_of({"LATE": 1, "GONE": 1})
    gone = [{"sku": "GONE", "prices": {"BRL": 1000}, "availability": "out_of_stock"}]
    row = {"slug": "gone", "title": {"en": "Gone"}, "variants": gone}
    await house.catalog.replace_product(Caller.of_system("tests", "catalog:manage"), "gone", row)
    assert [(one.sku, one.change) for one in (await estimate(house, cart)).lines] == [
        ("LATE", None), ("GONE", "unavailable"),
    ]  # fmt: skip


async def test_categories_with_those_below_collections_and_attributes(house: House) -> None:
    manager = Caller.of_system("tests", "catalog:manage")
    await house.catalog.put_category(manager, "table", {"title": {"en": "Table"}})
    await house.catalog.put_category(manager, "cups", {"title": {"en": "Cups"}, "parent": "table"})
    await house.sell("MUG", 1000, categories=["cups"], attributes={"glaze": "matte"})
    await house.sell("TEA", 500)
    await house.catalog.put_collection(manager, "picks", {"title": {"en": "Picks"}, "products": ["tea"]})
    rule = {"conditions": [{"field": "category", "op": "is", "value": "table"}]}
    await house.catalog.put_collection(manager, "tableware", {"title": {"en": "Tableware"}, "rule": rule})
    cart = await house.cart_of({"MUG": 1, "TEA": 1})
    wanted = {
        "category": ({"type": "categories", "categories": ["table"]}, "MUG"),
        "manual": ({"type": "collections", "collections": ["picks"]}, "TEA"),
        "rule": ({"type": "collections", "collections": ["tableware", "missing"]}, "MUG"),
        "attribute": ({"type": "attributes", "code": "glaze", "values": ["matte"]}, "MUG"),
    }
    for name, (condition, sku) in wanted.items():
        made = await house.promote(amount_off(10), conditions=[condition], name=name)
        quote = await estimate(house, cart)
        assert [one.sku for one in quote.lines if one.discounts] == [sku], name
        await house.pricing.remove_promotion(MANAGER, made.id)


async def test_rules_are_those_of_the_channel_at_once(house: House) -> None:
    await house.sell("MUG", 10_000, prices={"EUR": 10_000})
    tables = TaxTables(
        zones=(TaxZone(id="DE", countries=("DE",)),),
        rates=(TaxRate(zone="DE", category="standard", name="USt", rate_ppm=190_000),),
    )
    await house.pricing.replace_tax_tables(MANAGER, tables)
    web = await house.cart_of({"MUG": 1}, currency="EUR", country="DE")
    trade = await house.cart_of({"MUG": 1}, currency="EUR", country="DE", channel="trade")
    assert (await estimate(house, web)).tax_included.amount == 1597 + 78
    await house.pricing.replace_policy(MANAGER, "trade", PricingPolicy(prices_include_tax=False))
    quote = await estimate(house, trade)
    assert (quote.tax.amount, quote.prices_include_tax, quote.total.amount) == (1900 + 93, False, 10_000 + 490 + 1993)
    assert (await estimate(house, web)).prices_include_tax
    await house.pricing.replace_policy(MANAGER, "*", PricingPolicy(prices_include_tax=False))
    assert not (await estimate(house, web)).prices_include_tax
    assert quote.tax_request is not None
    assert quote.tax_request.destination is not None
    assert (quote.tax_request.destination.country, quote.tax_answer and quote.tax_answer.provider) == ("DE", "tables")


async def test_exemptions_and_reverse_charge_are_verified_facts(house: House) -> None:
    await house.sell("MUG", 11_900, prices={"EUR": 11_900})
    zones = (TaxZone(id="DE", countries=("DE",)), TaxZone(id="FR", countries=("FR",)))
    rates = tuple(TaxRate(zone=one.id, category="standard", name="VAT", rate_ppm=190_000) for one in zones)
    await house.pricing.replace_tax_tables(MANAGER, TaxTables(zones=zones, rates=rates))
    await house.pricing.replace_policy(MANAGER, "*", PricingPolicy(seller_country="DE"))
    cart = await house.cart_of({"MUG": 1}, ANA, currency="EUR")
    for facts, relief in (
        (VerifiedFacts(), None),
        (VerifiedFacts(exemption="CERT-1"), "exempt"),
        (VerifiedFacts(company=True, tax_id="FR40303265045"), "reverse_charge"),
    ):
        house.buyers.by_customer["ana"] = facts
        quote = await estimate(house, cart, ANA, country="FR")
        assert quote.relief == relief
        assert (quote.total.amount < 12_390) is (relief is not None)


async def test_destinations_are_of_the_cart_unless_others_are_asked_for(house: House) -> None:
    await house.sell("MUG", 1000)
    cart = await house.cart_of({"MUG": 1}, country="BR", region="SP")
    wanted: list[tuple[dict[str, Any], tuple[str, str, str]]] = [
        ({}, ("BR", "SP", "")),
        ({"postal_code": "01310-000"}, ("BR", "SP", "01310-000")),
        ({"country": "PT"}, ("PT", "", "")),
        ({"country": "BR", "region": "PE"}, ("BR", "PE", "")),
    ]
    for asked, expected in wanted:
        request = (await estimate(house, cart, **asked)).tax_request
        assert request is not None
        assert request.destination is not None
        there = request.destination
        assert (there.country, there.region, there.postal_code) == expected
    nowhere = await house.cart_of({"MUG": 1})
    assert (await estimate(house, nowhere)).deliveries == ()
    refused: list[dict[str, Any]] = [{"country": "Brazil"}, {"country": "br"}, {"region": "SP", "country": ""}]
    for bad in refused:
        with pytest.raises(TermsInvalid):
            await estimate(house, cart, **bad)


async def test_shipping_is_for_goods_in_currencies_with_a_rate(house: House) -> None:
    await house.sell("BOOK", 1000, variant={"digital": True})
    await house.sell("YEN", 1000, prices={"JPY": 1000})
    digital = await house.cart_of({"BOOK": 1}, country="BR")
    assert (await estimate(house, digital)).deliveries == ()
    yen = await house.cart_of({"YEN": 1}, currency="JPY", country="JP")
    assert (await estimate(house, yen)).deliveries == ()


async def test_an_empty_cart_costs_nothing(house: House) -> None:
    cart = await house.cart_of({}, country="BR")
    assert (await estimate(house, cart)).total.amount == 0


async def test_a_postal_code_of_another_form_or_without_a_country_is_refused(house: House) -> None:
    await house.sell("MUG", 5000)
    cart = await house.cart_of({"MUG": 1})
    for country in ("BR", None):
        with pytest.raises(PostalCodeInvalid) as refused:
            await estimate(house, cart, country=country, postal_code="1310")
        assert refused.value.extra == {"field": "postal_code"}


@pytest.mark.parametrize("option", ["express", "", "Standard", "x" * 10_000])
async def test_a_way_of_delivery_that_there_is_not_is_refused_and_not_free(
    clients: FaceClients, house: House, option: str
) -> None:
    await house.sell("MUG", 5000)
    cart = await house.cart_of({"MUG": 1}, country="BR")
    body = {"postal_code": "01310-100", "shipping_option": option}
    answer = await clients.as_(None).post(f"/v1/carts/{cart}/estimate", json=body)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["options"]) == (422, "shipping_option_unknown", ["standard"])
    chosen = await estimate(house, cart, shipping_option="standard")
    assert chosen.shipping.amount == 1990


async def test_every_parcel_goes_in_the_chosen_way() -> None:
    def charge(option: str, merchant: str) -> ShippingCharge:
        return ShippingCharge(id=f"{merchant}-{option}", option=option, title="", amount=1, merchant=merchant)

    rates = [charge("standard", "a"), charge("standard", "b"), charge("express", "a")]
    assert chosen_rates(rates, "standard") == rates[:2]
    with pytest.raises(ShippingOptionUnknown) as caught:
        chosen_rates(rates, "express")
    assert caught.value.options == ("standard", "express")


async def test_each_coupon_is_answered_however_long_it_is(house: House) -> None:
    await house.sell("MUG", 5000)
    long = await house.promote(percent(1000), codes=["l" * 64])
    cart = await house.cart_of({"MUG": 1})
    asked = (" " * 70 + "L" * 64 + "  ", "x" * 65, "\u202ey" * 500, "   ")
    quote = await estimate(house, cart, coupons=asked)
    assert {one.code: (one.promotion, one.refused) for one in quote.coupons} == {
        "L" * 64: (long.id, None), "x" * 65: (None, "coupon_unknown"), "\u202ey" * 500: (None, "coupon_unknown"),
    }  # fmt: skip


async def test_what_cannot_be_had_is_not_delivered_either(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, int]] = []
    rates = type(house.pricing.dependencies.shipping).rates

    async def seen(self: Any, terms: Any, destination: Any, weights: dict[str, int]) -> Any:
        asked.append(weights)
        return await rates(self, terms, destination, weights)

    monkeypatch.setattr(type(house.pricing.dependencies.shipping), "rates", seen)
    await house.sell("MUG", 5000, variant={"weight_g": 300})
    await house.sell("PAN", 700, merchant="pans", variant={"weight_g": 2000})
    cart = await house.cart_of({"MUG": 9, "PAN": 1}, country="BR")
    house.stock.by_sku |= {"MUG": 4000, "PAN": 0}
    assert (await estimate(house, cart)).shipping.amount == 1990
    assert asked == [{"house": 1200}]
    house.stock.by_sku["MUG"] = 0
    nothing = await estimate(house, cart)
    assert (nothing.total.amount, nothing.deliveries, nothing.consent_required) == (0, (), True)
    house.stock.by_sku.clear()
    for sku in ("MUG", "PAN"):
        only_dollars = {"slug": sku.lower(), "title": {"en": sku}, "variants": [{"sku": sku, "prices": {"USD": 500}}]}
        await house.catalog.replace_product(Caller.of_system("tests", "catalog:manage"), sku.lower(), only_dollars)
    assert (await estimate(house, cart)).total.amount == 0, "what has no price in the currency is not sold"


async def test_a_code_is_the_same_however_a_keyboard_writes_its_letters(house: House) -> None:
    await house.sell("MUG", 5000)
    easter = await house.promote(percent(1000), codes=["P\u00c1SCOA"])
    cart = await house.cart_of({"MUG": 1})
    for written in ("pa\u0301scoa", " P\u00e1scoa ", "\uff30\u00c1\uff33\uff23\uff2f\uff21"):
        assert used(await estimate(house, cart, coupons=(written,))) == {easter.id: 500}, written
    assert used(await estimate(house, cart, coupons=("pascoa",))) == {}
    with pytest.raises(CouponCodeTaken):
        await house.promote(percent(1000), codes=["PA\u0301SCOA"])


async def test_a_method_of_payment_has_a_bounded_name(clients: FaceClients, house: House) -> None:
    await house.sell("MUG", 5000)
    cart = await house.cart_of({"MUG": 1})
    answer = await clients.as_(None).post(f"/v1/carts/{cart}/estimate", json={"payment_method": "x" * 101})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), answer.text
