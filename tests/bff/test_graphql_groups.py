"""Prices of customer groups in GraphQL: everybody sees those of their own groups only, also from the cache of answers."""

from typing import Any

import msgspec
import pytest

from renga.domains.catalog.contract import ListPrice
from renga.frontends.bff.graphql.settings import GraphQLSettings
from tests.bff.shop import GraphShop
from tests.catalog.buyers import MemoryBuyerFacts
from tests.catalog.fake import FakeCatalog
from tests.catalog.samples import CATEGORIES, CUP, LAMP

PRICES = """{
  variant(sku: "CUP-BLUE") { price { amount compareAt { amount } } }
  product(slug: "cup") { price { amount } variants { price { amount } } }
  products(first: 5) { nodes { slug price { amount } } }
  search(text: "caneca") { nodes { price { amount } } }
}"""
OF_TRADE = '{ variant(sku: "CUP-BLUE") { price(group: "trade") { amount } } }'
MERCHANT = "0195f000-0000-7000-8000-000000000001"


def shop_of(**groups: tuple[str, ...]) -> tuple[GraphShop, MemoryBuyerFacts]:
    """The blue cup costs 99.00, staff 80.00, traders 60.00 and from 10 pieces on 50.00; it belongs to MERCHANT."""
    blue = msgspec.structs.replace(
        CUP.variants[0],
        prices={"BRL": 9900},
        compare_at={},
        price_list=(
            ListPrice(currency="BRL", amount=8000, group="staff"),
            ListPrice(currency="BRL", amount=6000, group="trade"),
            ListPrice(currency="BRL", amount=5000, group="trade", min_quantity=10),
        ),
    )
    cup = msgspec.structs.replace(CUP, variants=(blue, *CUP.variants[1:]), merchant=MERCHANT)
    facts = MemoryBuyerFacts(**groups)
    return GraphShop(GraphQLSettings(answers_max=50), FakeCatalog((cup, LAMP), CATEGORIES), facts), facts


def amounts(found: Any) -> dict[str, Any]:
    """What each field says of the blue cup."""
    listed = next(one for one in found["products"]["nodes"] if one["slug"] == "cup")
    return {
        "variant": found["variant"]["price"]["amount"],
        "compare": found["variant"]["price"]["compareAt"],
        "product": found["product"]["price"]["amount"],
        "first": found["product"]["variants"][0]["price"]["amount"],
        "listed": listed["price"]["amount"],
        "found": found["search"]["nodes"][0]["price"]["amount"],
    }


def all_of(amount: int, compare: int | None = None) -> dict[str, Any]:
    struck = None if compare is None else {"amount": compare}
    shown = dict.fromkeys(("variant", "product", "first", "listed", "found"), amount)
    return shown | {"compare": struck}


async def test_each_caller_sees_the_prices_of_their_groups_whoever_asked_before() -> None:
    shop, _ = shop_of(ana=("trade",), rui=("staff",), eva=("staff", "trade"))
    for _ in range(2):  # the second time from the cache
        assert amounts(await shop.ask(PRICES)) == all_of(9900)
        assert amounts(await shop.ask(PRICES, **shop.token("ana"))) == all_of(6000, 9900)
        assert amounts(await shop.ask(PRICES, **shop.token("rui"))) == all_of(8000, 9900)
        assert amounts(await shop.ask(PRICES, **shop.token("eva"))) == all_of(6000, 9900)
        assert amounts(await shop.ask(PRICES, **shop.token("nobody"))) == all_of(9900)
    assert len(shop.calls["products_by_slug"]) == 4  # guests share an answer, and so does each set of groups


async def test_a_change_of_groups_is_seen_at_the_next_request() -> None:
    shop, facts = shop_of(ana=("trade",))
    assert amounts(await shop.ask(PRICES, **shop.token("ana"))) == all_of(6000, 9900)
    facts.groups = {}
    assert amounts(await shop.ask(PRICES, **shop.token("ana"))) == all_of(9900)


@pytest.mark.parametrize(
    ("subject", "scope"),
    [(None, ""), ("rui", "cart"), ("nobody", "catalog:write"), ("nobody", "cart search:manage")],
)
async def test_the_price_of_another_group_is_refused(subject: str | None, scope: str) -> None:
    shop, _ = shop_of(rui=("staff",))
    headers = {} if subject is None else shop.token(subject, scope)
    for field in (
        'variant(sku: "CUP-BLUE") { price(group: "trade") { amount } }',
        'product(slug: "cup") { price(group: "trade", quantity: 10) { amount } }',
        'products { nodes { variants { price(group: "trade", channel: "app") { amount } } } }',
        'variant(sku: "CUP-BLUE") { price(group: "does-not-exist") { amount } }',
    ):
        answer = msgspec.json.decode((await shop.post(f"{{ {field} }}", **headers)).content)
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"insufficient_scope"}
        assert "6000" not in str(answer)
        assert "5000" not in str(answer)


async def test_a_manager_sees_the_price_of_any_group_and_nobody_gets_that_answer_from_the_cache() -> None:
    shop, _ = shop_of(ana=("trade",))
    manager = shop.token("manager", "catalog:manage")
    assert await shop.ask(OF_TRADE, **manager) == {"variant": {"price": {"amount": 6000}}}
    assert (await shop.refused(OF_TRADE))["extensions"]["code"] == "insufficient_scope"
    assert await shop.ask(OF_TRADE, **manager) == {"variant": {"price": {"amount": 6000}}}
    assert (await shop.refused(OF_TRADE, **shop.token("nobody")))["extensions"]["code"] == "insufficient_scope"
    assert await shop.ask(OF_TRADE, **shop.token("ana")) == {"variant": {"price": {"amount": 6000}}}


async def test_one_of_several_own_groups_may_be_named() -> None:
    shop, _ = shop_of(eva=("staff", "trade"))
    query = '{ variant(sku: "CUP-BLUE") { price(group: "staff") { amount } } }'
    assert await shop.ask(query, **shop.token("eva")) == {"variant": {"price": {"amount": 8000}}}


async def test_an_answer_with_the_prices_of_a_group_is_stored_by_no_shared_cache() -> None:
    shop, _ = shop_of(ana=("trade",))
    async with shop.client() as client:
        for _ in range(2):
            own = await client.get("/graphql", params={"query": PRICES}, headers=shop.token("ana"))
            assert own.headers["cache-control"] == "private, no-store"
            assert "etag" not in own.headers
        guest = await client.get("/graphql", params={"query": PRICES})
        assert guest.headers["cache-control"] == "public, max-age=30"
        assert guest.headers["vary"] == "Accept, Accept-Language, Authorization, X-API-Key, Cookie"
        plain = await client.get("/graphql", params={"query": PRICES}, headers=shop.token("nobody"))
        assert plain.content == guest.content


async def test_while_groups_cannot_be_read_the_prices_are_a_guests() -> None:
    shop, facts = shop_of(ana=("trade",))
    facts.away = True
    assert amounts(await shop.ask(PRICES, **shop.token("ana"))) == all_of(9900)
    facts.away = False
    assert amounts(await shop.ask(PRICES, **shop.token("ana"))) == all_of(6000, 9900)
