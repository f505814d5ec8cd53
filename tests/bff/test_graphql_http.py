"""GraphQL over HTTP: what is refused and how, what is kept and for whom, which query a request means."""

from pathlib import Path

import msgspec
import pytest

from renga.domains.cart import http as cart_http
from renga.domains.cart.contract import NewLine, Write
from renga.domains.search.contract import SearchUnavailable
from renga.frontends.bff.graphql.documents import sha256
from renga.frontends.bff.graphql.fields import CART
from renga.frontends.bff.graphql.mount import SURROGATE_KEYS_MAX, surrogate_keys
from renga.frontends.bff.graphql.settings import GraphQLSettings
from renga.kernel.caller import ANONYMOUS, Caller
from tests.bff.shop import RESPONSE, GraphShop

CUP = '{ product(slug: "caneca-aurora") { slug title } }'
_DEEP = "{a" * 10_000 + "}" * 10_000


def _fragments(times: int) -> str:
    """Each fragment spreads the next one twice."""
    parts = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(times)]
    return "{ ...F0 } " + " ".join(parts) + f" fragment F{times} on Query {{ __typename }}"


HOSTILE: dict[str, tuple[str, str]] = {
    "10,000 deep": ("{a" * 4_000 + "}" * 4_000, "graphql_too_deep"),
    "deeper than characters allow": (_DEEP, "graphql_too_long"),
    "deep in brackets": ("{products(first:" + "[" * 200 + "]" * 200 + "){nodes{slug}}}", "graphql_too_deep"),
    "too many tokens": ("{ products { nodes { " + "id " * 2_000 + "} } }", "graphql_too_many_tokens"),
    "too many fields": ('{ product(slug: "caneca-aurora") { ' + "id " * 1_900 + "} }", "graphql_too_many_fields"),
    "broken": ("{ products(", "graphql_syntax"),
    "empty": (" ", "graphql_syntax"),
    "unknown field": ("{ nope }", "graphql_invalid"),
    "wrong kind of argument": ('{ products(first: "x") { nodes { slug } } }', "graphql_invalid"),
    "fragments in a circle": ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "graphql_invalid"),
    "fragments that explode": (_fragments(40), "graphql_too_costly"),
    "too deep": (
        "{ categories { children { children { children { children { children { children { children { children { children "
        "{ children { children { slug } } } } } } } } } } } } }",
        "graphql_too_deep",
    ),
    "too many aliases": ("{ " + " ".join(f"a{n}: __typename" for n in range(51)) + " }", "graphql_too_many_aliases"),
    "too costly": (
        "{ products(first: 100) { nodes { categories { products(first: 100) { nodes { slug } } } } } }",
        "graphql_too_costly",
    ),
    "mutation": ("mutation { __typename }", "graphql_operation_unsupported"),
    "currency of nowhere": ('{ product(slug: "caneca-aurora", currency: "XXX") { slug } }', "currency_unknown"),
    "page of nothing": ("{ products(first: 0) { nodes { slug } } }", "first_out_of_range"),
    "cursor of another list": ('{ products(after: "x") { nodes { slug } } }', "cursor_invalid"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_query_is_refused_with_its_code_before_anything_is_asked(name: str) -> None:
    shop = GraphShop()
    query, code = HOSTILE[name]
    error = await shop.refused(query)
    assert error["extensions"]["code"] == code
    assert shop.calls == {}


async def test_limits_say_what_is_allowed_and_what_was_asked() -> None:
    shop = GraphShop(GraphQLSettings(depth_max=3, aliases_max=1, cost_max=50, answers_max=0))
    deep = await shop.refused("{ products { nodes { variants { sku } } } }")
    assert (deep["extensions"]["limit"], deep["extensions"]["actual"]) == (3, 4)
    aliases = await shop.refused("{ a: __typename b: __typename }")
    assert (aliases["extensions"]["limit"], aliases["extensions"]["actual"]) == (1, 2)
    costly = await shop.refused("query ($n: Int!) { products(first: $n) { nodes { slug } } }", {"n": 49})
    assert (costly["extensions"]["limit"], costly["extensions"]["actual"]) == (50, 51)
    assert await shop.ask("query ($n: Int!) { products(first: $n) { nodes { slug } } }", {"n": 1})


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{broken", "application/json", 400, "invalid_json"),
        (b"\xff\xfe", "application/json", 400, "invalid_json"),
        (b"[" * 100_000, "application/json", 400, "invalid_json"),
        (b"[]", "application/json", 400, "graphql_request_malformed"),
        (b"{}", "application/json", 400, "graphql_query_missing"),
        (b'{"query": 1}', "application/json", 400, "graphql_request_malformed"),
        (b'{"query": "{__typename}", "variables": []}', "application/json", 400, "graphql_request_malformed"),
        (b'{"query": "{__typename}"}', "text/plain", 415, "unsupported_media_type"),
        (b'{"query": "' + b"x" * 5_000_000 + b'"}', "application/json", 413, "too_large"),
    ],
)
async def test_a_malformed_request_is_refused(body: bytes, content_type: str, status: int, code: str) -> None:
    async with GraphShop().client() as client:
        answer = await client.post("/graphql", content=body, headers={"content-type": content_type, "accept": RESPONSE})
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == code


async def test_introspection_can_be_turned_off() -> None:
    shop = GraphShop(GraphQLSettings(introspection=False, answers_max=0))
    assert (await shop.refused("{ __schema { types { name } } }"))["extensions"]["code"] == "graphql_introspection_off"
    assert await shop.ask("{ __typename }") == {"__typename": "Query"}
    open_shop = GraphShop()
    assert (await open_shop.ask("{ __schema { queryType { name } } }"))["__schema"] == {"queryType": {"name": "Query"}}


async def test_a_get_is_cacheable_and_asked_again_by_its_etag() -> None:
    shop = GraphShop(GraphQLSettings(answers_max=10))
    async with shop.client() as client:
        first = await client.get("/graphql", params={"query": CUP})
        assert first.headers["cache-control"] == "public, max-age=30"
        assert first.headers["vary"] == "Accept, Accept-Language, Authorization, X-API-Key, Cookie"
        assert first.headers["surrogate-key"] == "product:caneca-aurora"
        again = await client.get("/graphql", params={"query": CUP}, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        english = await client.get("/graphql", params={"query": CUP}, headers={"accept-language": "en"})
        assert english.json() != first.json()
        mutation = await client.get("/graphql", params={"query": "mutation { __typename }"})
        assert (mutation.status_code, mutation.headers["allow"]) == (405, "POST")


async def test_a_kept_answer_asks_nothing_and_ends_with_its_time_or_its_tags() -> None:
    shop = GraphShop(GraphQLSettings(answers_max=10))
    await shop.ask(CUP)
    await shop.ask(CUP)
    assert len(shop.calls["products_by_slug"]) == 1
    shop.clock.advance(seconds=1)
    await shop.ask(CUP)
    assert len(shop.calls["products_by_slug"]) == 2
    shop.cache.drop(["product:caneca-aurora"])
    await shop.ask(CUP)
    assert len(shop.calls["products_by_slug"]) == 3


async def test_answers_with_errors_or_without_search_are_not_kept() -> None:
    shop = GraphShop(GraphQLSettings(answers_max=10))
    shop.search.trouble = SearchUnavailable()
    query = '{ search(category: "cafe-e-cha") { total nodes { slug } degraded { code } } }'
    away = (await shop.ask(query))["search"]
    assert away["degraded"] == {"code": "search_unavailable"}
    assert away["total"] is None
    assert len(away["nodes"]) > 3
    shop.search.trouble = None
    found = (await shop.ask(query))["search"]
    assert found["degraded"] is None
    assert found["total"] == len(found["nodes"])


async def test_persisted_queries_are_known_by_their_hash_alone() -> None:
    shop = GraphShop()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": sha256(CUP)}}
    async with shop.client() as client:
        unknown = (await client.post("/graphql", json={"extensions": extensions})).json()
        assert unknown["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
        wrong = await client.post("/graphql", json={"query": "{ __typename }", "extensions": extensions})
        assert wrong.json()["errors"][0]["extensions"]["code"] == "graphql_hash_mismatch"
        sent = (await client.post("/graphql", json={"query": CUP, "extensions": extensions})).json()
        known = await client.get("/graphql", params={"extensions": msgspec.json.encode(extensions).decode()})
        assert known.json() == sent
        assert sent["data"]["product"]["slug"] == "caneca-aurora"


async def test_with_an_allow_list_only_its_queries_are_answered(tmp_path: Path) -> None:
    listed = tmp_path / "allowed.json"
    listed.write_bytes(msgspec.json.encode({sha256(CUP): CUP}))
    shop = GraphShop(GraphQLSettings(allow_list=str(listed), answers_max=0))
    assert (await shop.ask(CUP))["product"]["slug"] == "caneca-aurora"
    assert (await shop.refused("{ __typename }"))["extensions"]["code"] == "graphql_query_not_allowed"
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": sha256(CUP)}}
    async with shop.client() as client:
        assert (await client.post("/graphql", json={"extensions": extensions})).json()["data"]["product"]


async def test_lookups_of_one_request_leave_together() -> None:
    shop = GraphShop()
    slugs = ["caneca-aurora", "cafe-quintal", "cafe-serra-lenta"]
    query = "{ " + " ".join(f'a{n}: product(slug: "{slug}") {{ slug }}' for n, slug in enumerate(slugs)) + " }"
    assert await shop.ask(query) == {f"a{n}": {"slug": slug} for n, slug in enumerate(slugs)}
    assert shop.calls == {"products_by_slug": [slugs]}


async def test_pages_follow_one_another_by_any_cursor() -> None:
    shop = GraphShop()
    query = (
        "query ($after: String) { products(first: 3, after: $after) "
        "{ edges { cursor node { slug } } pageInfo { endCursor hasNextPage } } }"
    )
    every = [product.slug for product in shop.catalog.by_slug.values()]
    first = (await shop.ask(query))["products"]
    assert [edge["node"]["slug"] for edge in first["edges"]] == every[:3]
    second = (await shop.ask(query, {"after": first["pageInfo"]["endCursor"]}))["products"]
    assert [edge["node"]["slug"] for edge in second["edges"]] == every[3:6]
    middle = (await shop.ask(query, {"after": second["edges"][0]["cursor"]}))["products"]
    assert [edge["node"]["slug"] for edge in middle["edges"]] == every[4:7]


async def test_carts_answer_to_whom_rest_lets_in() -> None:
    assert CART == cart_http.ACCESS
    shop = GraphShop(GraphQLSettings(answers_max=10))
    guests = (await shop.carts.create(ANONYMOUS, "BRL", write=Write())).cart_id
    await shop.carts.add_line(ANONYMOUS, guests, NewLine(sku="CAN-AURORA-AZ", quantity=2), Write())
    hers = (await shop.carts.create(Caller("ana"), "BRL", write=Write())).cart_id
    shop.carts.put(msgspec.structs.replace(shop.carts.carts[hers], customer="ana"))
    query = (
        "query ($id: ID!) { cart(id: $id) { id itemCount lines { sku quantity variant { sku } } total { currency } } }"
    )
    assert (await shop.ask(query, {"id": guests}))["cart"] == {
        "id": guests,
        "itemCount": 2,
        "lines": [{"sku": "CAN-AURORA-AZ", "quantity": 2, "variant": {"sku": "CAN-AURORA-AZ"}}],
        "total": {"currency": "BRL"},
    }
    assert (await shop.refused(query, {"id": hers}))["extensions"]["code"] == "cart_not_found"
    assert (await shop.ask(query, {"id": hers}, **shop.token("ana")))["cart"]["id"] == hers
    assert (await shop.refused(query, {"id": hers}, **shop.token("bob")))["extensions"]["code"] == "cart_not_found"
    clerk = await shop.refused(query, {"id": guests}, **shop.token("eve", "ledger:read"))
    assert clerk["extensions"]["code"] == "insufficient_scope"
    answer = await shop.post(query, {"id": guests})
    assert answer.headers["cache-control"] == "private, no-store"


async def test_a_failure_that_nobody_foresaw_shows_nothing_of_itself() -> None:
    shop = GraphShop()
    shop.catalog.trouble = RuntimeError("secret")
    answer = await shop.post(CUP)
    assert "secret" not in answer.text
    assert answer.json()["errors"][0]["extensions"]["code"] == "internal_error"
    assert answer.json()["data"] == {"product": None}


def test_a_cdn_is_always_told_of_the_lists_that_an_answer_is_made_of() -> None:
    tags = sorted({"categories", "products", *(f"product:{n:03}" for n in range(80))})
    keys = surrogate_keys(tags).decode().split()
    assert keys[:3] == ["categories", "products", "product:000"]
    assert len(keys) == SURROGATE_KEYS_MAX
