"""What the catalogue knows of a sku, in quotes over a real catalogue: tax code, price per kg or l, cost for a minimum margin."""

from typing import Any

import msgspec
import pytest

from renga.domains.cart.take_snapshots import take_snapshots
from renga.domains.catalog.contract import WHOLE_CATALOGUE
from renga.domains.pricing.contract import EstimateRequest, MeasurePrice, PricingPolicy, Quote
from renga.kernel.buyer_terms import BuyerTerms
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.money import Money
from tests.face_clients import FaceClients
from tests.pricing.house import ADMIN, MANAGER, House, draft
from tests.pricing.shop import check_sums, percent

COST = 1777123


async def estimate(house: House, cart: str, **asked: Any) -> Quote:
    quote = await house.pricing.estimate(ANONYMOUS, cart, EstimateRequest(**asked))
    check_sums(quote)
    return quote


@pytest.mark.parametrize(
    ("measure", "amount", "quantity", "expected"),
    [
        ({"amount": 250, "unit": "g"}, 4490, 2, MeasurePrice(price=Money(17960, "BRL"), per="kg")),
        ({"amount": 0.5, "unit": "g"}, 999, 1, MeasurePrice(price=Money(1998000, "BRL"), per="kg")),
        ({"amount": 750, "unit": "ml"}, 2000, 3, MeasurePrice(price=Money(2667, "BRL"), per="l")),
        ({"amount": 10, "unit": "piece"}, 555, 1, MeasurePrice(price=Money(56, "BRL"), per="piece")),
        (None, 555, 1, None),
    ],
)
async def test_a_quote_says_what_a_kg_or_litre_costs(
    house: House, measure: Any, amount: int, quantity: int, expected: MeasurePrice | None
) -> None:
    await house.sell("THING", amount, variant={"measure": measure})
    cart = await house.cart_of({"THING": quantity})
    assert (await estimate(house, cart)).lines[0].measure_price == expected


async def test_the_price_per_kg_is_after_discounts(house: House) -> None:
    await house.sell("COFFEE", 4000, variant={"measure": {"amount": 250, "unit": "g"}})
    await house.promote(percent(1000))
    cart = await house.cart_of({"COFFEE": 1})
    assert (await estimate(house, cart)).lines[0].measure_price == MeasurePrice(price=Money(14400, "BRL"), per="kg")


async def test_tax_code_and_cost_come_with_the_offer(house: House) -> None:
    await house.sell("COFFEE", 4000, tax_code="09012100", variant={"cost": {"BRL": 3000, "USD": 700}})
    offers = house.pricing.dependencies.offers
    for currency, cost in (("BRL", 3000), ("USD", 700), ("EUR", None)):
        facts = (await offers.offers(["COFFEE"], BuyerTerms(currency=currency), now_ms=house.clock.now_ms()))["COFFEE"]
        assert (facts.tax_code, facts.cost) == ("09012100", cost)


@pytest.mark.parametrize(
    ("cost", "margin", "total"),
    [
        ({"BRL": 800}, 0, 800),
        ({"BRL": 800}, 1000, 889),
        ({"BRL": 100}, 1000, 500),
        ({"USD": 800}, 1000, 500),
        ({"BRL": 1200}, 1000, 1000),
        ({}, 1000, 500),
    ],
)
async def test_a_promotion_keeps_its_minimum_margin(
    house: House, cost: dict[str, int], margin: int, total: int
) -> None:
    await house.sell("MUG", 1000, variant={"cost": cost})
    await house.promote(percent(5000), limits={"margin_basis_points_min": margin})
    cart = await house.cart_of({"MUG": 1})
    assert (await estimate(house, cart)).lines[0].total.amount == total
    several = await house.cart_of({"MUG": 3})
    assert abs((await estimate(house, several)).lines[0].total.amount - 3 * total) <= 2


async def test_the_policys_margin_counts_and_a_change_of_cost_is_seen_at_once(house: House) -> None:
    await house.sell("MUG", 1000, variant={"cost": {"BRL": 900}})
    await house.pricing.replace_policy(MANAGER, "web", PricingPolicy(margin_basis_points_min=0))
    await house.promote(percent(5000))
    cart = await house.cart_of({"MUG": 1})
    assert (await estimate(house, cart)).lines[0].total.amount == 900
    variants = [{"sku": "MUG", "prices": {"BRL": 1000}, "cost": {"BRL": 700}}]
    await house.catalog.patch_product(Caller.of_system("tests", WHOLE_CATALOGUE), "mug", {"variants": variants})
    assert (await estimate(house, cart)).lines[0].total.amount == 700


async def test_no_answer_of_carts_and_pricing_says_a_cost(house: House, clients: FaceClients) -> None:
    await house.sell("MUG", 4000000, variant={"cost": {"BRL": COST}})
    promotion = await house.promote(percent(9000), limits={"margin_basis_points_min": 1000})
    cart = await house.cart_of({"MUG": 2})
    await take_snapshots(house.cart.dependencies, [cart])
    answers = [await clients.as_(None).post(f"/v1/carts/{cart}/estimate", json={"country": "BR"})]
    trial = msgspec.to_builtins(draft(percent(9000), limits={"margin_basis_points_min": 1000}))
    answers.append(await clients.as_(ADMIN).post("/v1/promotions/dry-run", json=trial))
    answers.append(await clients.as_(ADMIN).get(f"/v1/promotions/{promotion.id}"))
    answers.append(await clients.as_(ADMIN).get("/v1/promotions"))
    kept = msgspec.json.encode(await house.cart.carts.read(ANONYMOUS, cart)).decode()
    for text in (kept, *(answer.text for answer in answers)):
        assert len(text) > 50
        assert str(COST) not in text
        assert '"cost":{' not in text
    assert answers[1].json()["applied"] == 1
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200], [answer.text for answer in answers]


async def test_nothing_but_the_catalogue_stores_a_cost(house: House) -> None:
    await house.sell("MUG", 4000000, variant={"cost": {"BRL": COST}})
    await house.promote(percent(9000), limits={"margin_basis_points_min": 1000})
    await estimate(house, await house.cart_of({"MUG": 2}), country="BR", postal_code="01310-100")
    tables = await house.pool.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
        "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    having = {
        name
        for (name,) in tables
        if await house.pool.fetchval(f"SELECT count(*) FROM {name} AS t WHERE t::text LIKE '%{COST}%'")
    }
    assert {name.partition(".")[0] for name in having} == {"catalog"}
    assert "catalog.outbox" not in having
