"""Search over HTTP, on the demo shop in PostgreSQL: responses, filter parameters, errors."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar

from renga.domains.search.contract import MERCHANDISING
from renga.domains.search.http import routes
from renga.domains.search.opening import SearchModule
from renga.kernel.clock import ManualClock
from renga.platform.auth.principal import Principal
from renga.platform.http.problems import EXCEPTION_HANDLERS
from tests.catalog.fake import FakeCatalog

MUG = "caneca-aurora"
SHELF = "mesa-e-ceramica"


@pytest.fixture
async def client(rooms: SearchModule, catalog: FakeCatalog, clock: ManualClock) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(routes(rooms.search, rooms.search, catalog, clock), exception_handlers=EXCEPTION_HANDLERS)
    meg = Principal(subject="meg", scopes=frozenset({MERCHANDISING}))

    async def behind_a_gate(scope: Any, receive: Any, send: Any) -> None:
        await app(scope | {"renga_principal": meg}, receive, send)

    transport = httpx.ASGITransport(behind_a_gate)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield client


async def found(client: httpx.AsyncClient, **parameters: Any) -> dict[str, Any]:
    answer = await client.get("/v1/search", params=parameters)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_hit_is_a_card_in_the_language_and_currency_asked_for(
    client: httpx.AsyncClient, catalog: FakeCatalog
) -> None:
    product = catalog.by_slug[MUG]
    for words, language in (("caneca", "pt-BR"), ("mug", "en")):
        card = (await found(client, q=words, language=language))["items"][0]
        least = min(variant.prices["BRL"] for variant in product.variants)
        assert (card["slug"], card["title"]) == (MUG, product.title[language])
        assert card["price"] == {"amount": least, "currency": "BRL"}


async def test_pages_follow_each_other_to_the_end_without_gap_or_repeat(client: httpx.AsyncClient) -> None:
    whole = [card["slug"] for card in (await found(client, category=SHELF, sort="title", limit=100))["items"]]
    assert len(whole) > 4
    read, cursor = [], None
    while True:
        page = await found(client, category=SHELF, sort="title", limit=3, **({"cursor": cursor} if cursor else {}))
        read += [card["slug"] for card in page["items"]]
        assert page["total"] == len(whole)
        if (cursor := page["next"]) is None:
            break
    assert read == whole


async def test_filters_narrow_and_a_facet_counts_without_its_own(client: httpx.AsyncClient) -> None:
    everything = await found(client, category=SHELF, facets="brand,price", limit=100)
    brands = next(facet for facet in everything["facets"] if facet["facet"] == "brand")["buckets"]
    assert len(brands) > 1
    narrowed = await found(client, category=SHELF, facets="brand", brand=brands[0]["value"])
    assert narrowed["total"] == brands[0]["count"] < everything["total"]
    assert [(b["value"], b["count"]) for b in narrowed["facets"][0]["buckets"]] == [
        (b["value"], b["count"]) for b in brands
    ]
    either = await found(client, category=SHELF, brand=[brands[0]["value"], brands[1]["value"]])
    assert either["total"] == brands[0]["count"] + brands[1]["count"]
    cheap = await found(client, category=SHELF, limit=100, **{"price.to": 10_000})
    assert cheap["total"] == sum(card["price"]["amount"] <= 10_000 for card in everything["items"]) > 0


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=101", "search_invalid"),
        ("limit=-1", "search_invalid"),
        ("sort=random", "search_invalid"),
        ("currency=ZZZ", "search_invalid"),
        ("language=not%20a%20tag", "search_invalid"),
        ("colour=blue", "search_invalid"),
        ("price.from=cheap", "search_invalid"),
        ("price.from=nan", "search_invalid"),
        ("price.to=inf", "search_invalid"),
        ("price.from=9&price.to=1", "search_invalid"),
        ("attribute.=x", "search_invalid"),
        (".from=1", "search_invalid"),
        ("brand=%00", "search_invalid"),
        ("q=%00", "search_invalid"),
        ("category=%00", "search_invalid"),
        ("facets=everything", "search_invalid"),
        ("q=" + "x" * 1_000, "search_invalid"),
        ("&".join(f"brand={n}" for n in range(300)), "search_invalid"),
        ("cursor=nonsense", "search_cursor_invalid"),
        ("cursor=%00", "search_cursor_invalid"),
        ("cursor=" + "A" * 5_000, "search_cursor_invalid"),
    ],
)
async def test_a_question_that_means_nothing_is_a_problem_with_a_code(
    client: httpx.AsyncClient, query: str, code: str
) -> None:
    answer = await client.get(f"/v1/search?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_cursor_serves_its_own_question_only(client: httpx.AsyncClient) -> None:
    cursor = (await found(client, category=SHELF, sort="title", limit=1))["next"]
    answer = await client.get("/v1/search", params={"category": SHELF, "sort": "newest", "limit": 1, "cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "search_cursor_invalid")


async def test_first_letters_bring_suggestions_and_wrong_ones_a_problem(client: httpx.AsyncClient) -> None:
    hints = (await client.get("/v1/search/suggest", params={"q": "can"})).json()["items"]
    assert MUG in [hint.get("slug") for hint in hints]
    wrongs: list[dict[str, Any]] = [{"limit": 0}, {"language": "\x00"}, {"q": "\x00"}, {"channel": "\x00"}]
    for wrong in wrongs:
        answer = await client.get("/v1/search/suggest", params={"q": "can"} | wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, "search_invalid"), answer.text


async def test_synonyms_are_replaced_and_serve_at_once(client: httpx.AsyncClient) -> None:
    assert (await found(client, q="bebedoura"))["items"] == []
    rulings = {"items": [{"words": ["bebedoura"], "to": ["caneca"]}]}
    assert (await client.put("/v1/search/synonyms/pt-BR", json=rulings)).json() == rulings
    assert (await client.get("/v1/search/synonyms/pt-BR")).json() == rulings
    assert (await found(client, q="bebedoura"))["items"][0]["slug"] == MUG


async def test_pins_come_first_and_the_hidden_never(client: httpx.AsyncClient) -> None:
    before = [card["slug"] for card in (await found(client, category=SHELF, q="", limit=100))["items"]]
    plain = [card["slug"] for card in (await found(client, q="caneca"))["items"]]
    stranger = next(slug for slug in before if slug not in plain)
    pins = {"language": "pt-BR", "text": "caneca", "pinned": [stranger], "hidden": [MUG]}
    assert (await client.put("/v1/search/pins", json=pins)).status_code == 200
    cards = (await found(client, q="caneca"))["items"]
    assert (cards[0]["slug"], cards[0]["pinned"]) == (stranger, True)
    assert MUG not in [card["slug"] for card in cards]
    assert [one["pinned"] for one in (await client.get("/v1/search/pins")).json()["items"]] == [[stranger]]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("PUT", "/v1/search/synonyms/pt-BR", b'{"items": [{"words": ["alone"]}]}', 422, "synonyms_invalid"),
        ("PUT", "/v1/search/synonyms/%00", b'{"items": []}', 422, "synonyms_invalid"),
        ("PUT", "/v1/search/synonyms/portuguese", b'{"items": []}', 422, "synonyms_invalid"),
        ("GET", "/v1/search/synonyms/portuguese", b"", 400, "search_invalid"),
        ("GET", "/v1/search/synonyms/0", b"", 400, "search_invalid"),
        ("GET", "/v1/search/synonyms/pt_BR", b"", 400, "search_invalid"),
        ("PUT", "/v1/search/synonyms/pt-BR", b'{"items": 1}', 400, "invalid_request"),
        ("PUT", "/v1/search/synonyms/pt-BR", b'{"items": [{"words": ["a"], "too": ["b"]}]}', 400, "invalid_request"),
        ("PUT", "/v1/search/pins", b'{"language": "pt-BR", "text": "a", "pined": ["b"]}', 400, "invalid_request"),
        ("PUT", "/v1/search/synonyms/pt-BR", b"{", 400, "invalid_json"),
        ("PUT", "/v1/search/pins", b'{"language": "pt-BR", "text": " ", "pinned": ["a"]}', 422, "pins_invalid"),
        ("PUT", "/v1/search/pins", b'{"language": "pt-BR", "text": "a", "pinned": ["\\u0000"]}', 422, "pins_invalid"),
        ("GET", "/v1/search/zero-results?limit=-1", b"", 400, "search_invalid"),
        ("GET", "/v1/search/zero-results?limit=99999999999999999999", b"", 400, "search_invalid"),
    ],
)
async def test_what_is_wrong_changes_nothing_and_say_why(
    client: httpx.AsyncClient, method: str, path: str, body: bytes, status: int, code: str
) -> None:
    answer = await client.request(method, path, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert (await client.get("/v1/search/synonyms/pt-BR")).json() == {"items": []}
    assert (await client.get("/v1/search/pins")).json() == {"items": []}


async def test_answers_may_be_kept_until_news_of_search_or_products_and_empty_ones_are_asked_again(
    client: httpx.AsyncClient,
) -> None:
    for path in ("/v1/search?q=caneca", "/v1/search/suggest?q=can"):
        answer, again = await client.get(path), await client.get(path)
        assert answer.headers["surrogate-key"] == "search products"
        assert answer.headers["etag"].startswith('W/"')
        assert answer.headers["etag"] == again.headers["etag"]
    other = await client.get("/v1/search?q=cafe")
    assert other.headers["etag"] != (await client.get("/v1/search?q=caneca")).headers["etag"]
    zero_results = await client.get("/v1/search?q=zzyzxqwk")
    assert {"etag", "surrogate-key"} & set(zero_results.headers) == set()


async def test_texts_that_found_nothing_are_listed(client: httpx.AsyncClient) -> None:
    for _ in range(2):
        await found(client, q="zzyzxqwk")
    listed = (await client.get("/v1/search/zero-results?limit=5")).json()["items"]
    assert [(one["text"], one["count"]) for one in listed] == [("zzyzxqwk", 2)]
