"""The public REST API: one language, money, problems with codes, and conditional requests."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import KeySet
from litestar import Litestar

from renga.domains.catalog.contract import Category
from renga.domains.catalog.http import operations
from renga.domains.catalog.local import CatalogService
from renga.kernel.clock import SystemClock
from renga.kernel.languages import choose, wanted
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.gate import Gate
from renga.platform.http.lean import LeanTable
from renga.platform.http.openapi import extend
from renga.platform.http.problems import EXCEPTION_HANDLERS
from tests.catalog.callers import MANAGER
from tests.catalog.shop import row


@pytest.fixture
def app(catalog: CatalogService) -> LeanTable:
    gate = Gate(Authenticator(TokenVerifier(KeySet([]), issuer="renga", clock=SystemClock())))
    found = operations(catalog)
    return LeanTable(Litestar([], exception_handlers=EXCEPTION_HANDLERS), found, body_max_bytes=1_000, gate=gate)


@pytest.fixture
async def client(app: LeanTable) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar types its scopes more narrowly
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield client


async def test_a_product_is_answered_in_one_language_with_money(
    client: httpx.AsyncClient, catalog: CatalogService
) -> None:
    await catalog.upsert(
        [
            row(
                description={"pt-BR": "Olá"},
                attributes={"volume": 350},
                categories=["mesa"],
                variants=[
                    {"sku": "A", "options": {"size": {"pt-BR": "P", "en": "S"}}, "prices": {"USD": 1290, "BRL": 5990}}
                ],
            )
        ]
    )
    answer = await client.get("/v1/products/mug", headers={"Accept-Language": "fr, en;q=0.8, pt;q=0.5"})
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    assert body.pop("id") == (await catalog.product("mug")).id
    assert body == {
        "slug": "mug",
        "version": 1,
        "language": "en",
        "title": "Title mug",
        "description": "Olá",
        "brand": None,
        "categories": ["mesa"],
        "image": None,
        "variants": [
            {
                "sku": "A",
                "options": {"size": "S"},
                "gtin": None,
                "prices": [{"amount": 5990, "currency": "BRL"}, {"amount": 1290, "currency": "USD"}],
                "image": None,
            }
        ],
        "attributes": {"volume": 350},
        "created_at": "2023-11-14T22:13:20.000Z",
        "updated_at": "2023-11-14T22:13:20.000Z",
    }
    assert answer.headers["content-language"] == "en"
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.headers["content-type"] == "application/json"


async def test_the_query_goes_before_the_header(client: httpx.AsyncClient, catalog: CatalogService) -> None:
    await catalog.upsert([row()])
    answer = await client.get("/v1/products/mug?language=pt", headers={"Accept-Language": "en"})
    assert (answer.json()["title"], answer.json()["language"]) == ("Título mug", "pt-BR")


@pytest.mark.parametrize(
    ("parameter", "header", "language"),
    [
        (None, "", "pt-BR"),
        (None, "en", "en"),
        (None, "EN-gb", "en"),
        (None, "pt", "pt-BR"),
        (None, "pt-PT", "pt-BR"),
        (None, "de, en;q=0.1", "en"),
        (None, "pt-BR;q=0.2, en;q=0.9", "en"),
        (None, "en;q=0, pt;q=0.1", "pt-BR"),
        (None, "en;q=nonsense, fr;q=2", "pt-BR"),
        (None, "*", "pt-BR"),
        ("fr", "en", "pt-BR"),
        ("en", "pt", "en"),
    ],
)
def test_the_language_is_the_most_wanted_that_is_there(parameter: str | None, header: str, language: str) -> None:
    assert choose({"en": "x", "pt-BR": "x"}, wanted(parameter, header)) == language


def test_a_text_in_any_language_is_better_than_none() -> None:
    assert choose({"fr": "x", "de": "y"}, wanted("en", "")) == "de"
    assert choose({"de": "x", "en": "y"}, wanted("fr", "")) == "en"
    assert choose({}, wanted("fr", "")) is None


async def test_the_same_answer_is_not_sent_twice(client: httpx.AsyncClient, catalog: CatalogService) -> None:
    await catalog.upsert([row(categories=["mesa"])])
    for path in ("/v1/products/mug", "/v1/products", "/v1/categories"):
        first = await client.get(path)
        etag = first.headers["etag"]
        again = await client.get(path, headers={"If-None-Match": f'"other", {etag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    for path in ("/v1/products/mug", "/v1/products"):
        etag = (await client.get(path)).headers["etag"]
        assert (await client.get(path, headers={"If-None-Match": etag, "Accept-Language": "en"})).status_code == 200
    etag = (await client.get("/v1/products/mug")).headers["etag"]
    assert etag == 'W/"1-pt-BR"'
    await catalog.set_price(MANAGER, "MUG", "BRL", 1)
    changed = await client.get("/v1/products/mug", headers={"If-None-Match": etag})
    assert (changed.status_code, changed.headers["etag"]) == (200, 'W/"2-pt-BR"')


async def test_pages_follow_each_other_by_cursor(client: httpx.AsyncClient, catalog: CatalogService) -> None:
    await catalog.upsert([row(f"p{n}") for n in range(5)])
    seen: list[str] = []
    page = (await client.get("/v1/products?limit=2")).json()
    while True:
        seen += [item["slug"] for item in page["items"]]
        if page["next"] is None:
            break
        page = (await client.get("/v1/products", params={"limit": 2, "cursor": page["next"]})).json()
    assert seen == ["p4", "p3", "p2", "p1", "p0"]
    assert page["items"][0]["variants"][0]["sku"] == "P0"


async def test_categories_are_in_the_readers_language(client: httpx.AsyncClient, catalog: CatalogService) -> None:
    await catalog.seed_categories(
        [Category(slug="mesa", title={"pt-BR": "Mesa", "en": "Table"}, position=3, image="/m.svg")]
    )
    answer = await client.get("/v1/categories?language=en")
    assert answer.json() == {
        "items": [
            {
                "slug": "mesa",
                "language": "en",
                "title": "Table",
                "description": None,
                "position": 3,
                "parent": None,
                "image": "/m.svg",
            }
        ]
    }


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/products?limit=0", 400, "invalid_request"),
        ("/v1/products?limit=101", 400, "invalid_request"),
        ("/v1/products?limit=x", 400, "invalid_request"),
        ("/v1/products?limit=1&limit=1000", 400, "invalid_request"),
        ("/v1/products?category=%FF", 400, "invalid_request"),
        ("/v1/products?" + "&".join(f"x{n}=1" for n in range(51)), 400, "invalid_request"),
        (f"/v1/products?language={'x' * 36}", 400, "invalid_request"),
        ("/v1/products?collection=none", 404, "collection_not_found"),
        ("/v1/products?cursor=x", 400, "cursor_invalid"),
        ("/v1/products?category=none", 404, "category_not_found"),
        ("/v1/products/none", 404, "product_not_found"),
        ("/v1/products/%00", 404, "product_not_found"),
    ],
)
async def test_what_is_wrong_is_a_problem_with_a_code(
    client: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_the_openapi_document_knows_the_operations(catalog: CatalogService) -> None:
    paths = extend(Litestar([]), operations(catalog), {})["paths"]
    assert sorted(paths) == ["/v1/categories", "/v1/products", "/v1/products/{slug}"]
    listing = paths["/v1/products"]["get"]
    assert sorted(listing["responses"]) == ["200", "304", "400", "401", "404", "422", "429", "500", "503"]
    limit = next(p for p in listing["parameters"] if p["name"] == "limit")
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"], limit["schema"]["default"]) == (1, 100, 20)
