"""Many products in one request: an outcome per row, in order, whatever the other rows are."""

import asyncio
import gzip
import json
from typing import Any

import asyncpg
import pytest

from renga.domains.catalog.intake import bulk, bulk_rows
from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.model import limits
from renga.domains.catalog.ports import StaleWrite
from renga.domains.catalog.rest.shared import ROWS
from renga.kernel.errors import Unavailable
from tests.catalog.selling import (
    ADMIN,
    BAKER,
    BAKERY,
    BOTH,
    NOBODY,
    POTTER,
    POTTERY,
    SERVICE,
    Shop,
    brief,
    in_pieces,
    ndjson,
    outcomes,
)
from tests.catalog.shop import row, slugs_of

Pool = asyncpg.Pool
HEADERS = {"Content-Type": ROWS}


async def send(shop: Shop, principal: Any, body: Any, **headers: str) -> list[dict[str, Any]]:
    answer = await shop.as_(principal).post("/v1/catalog/bulk", content=body, headers=HEADERS | headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == ROWS
    return outcomes(answer)


async def test_rows_are_answered_in_their_order(shop: Shop, catalog: CatalogService) -> None:
    first = await send(shop, POTTER, ndjson(row("a"), row("b"), row("c")))
    assert first == [
        {"line": 1, "slug": "a", "status": "created", "version": 1},
        {"line": 2, "slug": "b", "status": "created", "version": 1},
        {"line": 3, "slug": "c", "status": "created", "version": 1},
        {"rows": 3, "created": 3, "changed": 0, "unchanged": 0, "failed": 0},
    ]
    again = await send(shop, POTTER, ndjson(row("c"), b"", row("a", brand="Riso"), row("d")))
    assert again == [
        {"line": 1, "slug": "c", "status": "unchanged", "version": 1},
        {"line": 3, "slug": "a", "status": "changed", "version": 2},
        {"line": 4, "slug": "d", "status": "created", "version": 1},
        {"rows": 3, "created": 1, "changed": 1, "unchanged": 1, "failed": 0},
    ]
    assert (await catalog.product("a")).brand == "Riso"
    assert (await catalog.product("a")).merchant == POTTERY


async def test_a_stream_may_be_packed_and_come_in_pieces(shop: Shop) -> None:
    packed = gzip.compress(ndjson(*(row(f"p{number}") for number in range(500))))
    pieces = [packed[start : start + 100] for start in range(0, len(packed), 100)]
    lines = await send(shop, POTTER, in_pieces(*pieces), **{"Content-Encoding": "gzip"})
    assert [line["slug"] for line in lines[:-1]] == [f"p{number}" for number in range(500)]
    assert lines[-1] == {"rows": 500, "created": 500, "changed": 0, "unchanged": 0, "failed": 0}


HOSTILE: list[tuple[str, Any, str]] = [
    ("broken JSON", b'{"slug": "x", ', "invalid_json"),
    ("a list", b"[1, 2]", "invalid_json"),
    ("a text", b'"hello"', "invalid_json"),
    ("no UTF-8", b'{"slug": "\xff"}', "invalid_json"),
    ("a lone surrogate", rb'{"slug": "x", "title": "\ud800", "variants": [{"sku": "X"}]}', "invalid_json"),
    ("a NUL byte in a text", rb'{"slug": "x", "title": "a\u0000b", "variants": [{"sku": "X"}]}', "product_invalid"),
    ("a NUL byte in the line", b'{"slug": "x\0"}', "invalid_json"),
    ("nested ten thousand deep", b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "invalid_json"),
    ("a deep attribute", b'{"slug":"x","title":"x","variants":[{"sku":"X"}],"attributes":{"a":' + b"[" * 50 + b"]" * 50 + b"}}",
     "product_invalid"),
    ("five megabytes", json.dumps(row("x", description="x" * 5_000_000)).encode(), "row_too_long"),
    ("a long field", row("x", description="x" * 30_000), "product_invalid"),
    ("an unknown currency", row("x", variants=[{"sku": "X", "prices": {"XXX": 1}}]), "product_invalid"),
    ("a price in letters", row("x", variants=[{"sku": "X", "prices": {"BRL": "1"}}]), "product_invalid"),
    ("a fraction of a cent", row("x", variants=[{"sku": "X", "prices": {"BRL": 1.5}}]), "product_invalid"),
    ("a price below nothing", row("x", variants=[{"sku": "X", "prices": {"BRL": -1}}]), "product_invalid"),
    ("an endless price", b'{"slug":"x","title":"x","variants":[{"sku":"X","prices":{"BRL":1e999}}]}', ""),
    ("a title of numbers", row("x", title=[1, 2]), "product_invalid"),
    ("no title", {"slug": "x", "variants": [{"sku": "X"}]}, "product_invalid"),
    ("no variants", row("x", variants=[]), "product_invalid"),
    ("variants of text", row("x", variants="many"), "product_invalid"),
    ("too many variants", row("x", variants=[{"sku": f"X{n}"} for n in range(201)]), "product_invalid"),
    ("a sku twice in a product", row("x", variants=[{"sku": "X"}, {"sku": "X"}]), "product_invalid"),
    ("a slug that leads elsewhere", row("x") | {"slug": "../../etc"}, "product_invalid"),
    ("a picture that is a script", row("x", image="javascript:alert(1)"), "product_invalid"),
    ("a wrong GTIN", row("x", variants=[{"sku": "X", "gtin": "4006381333930"}]), "product_invalid"),
    ("half a line", b'{"slug": "x", "title": "x", "variants": [{"sk', "invalid_json"),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "code"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
async def test_a_bad_row_fails_alone(shop: Shop, pool: "Pool[asyncpg.Record]", bad: Any, code: str) -> None:
    lines = await send(shop, POTTER, ndjson(row("before"), bad, row("after")))
    assert [line.get("status") for line in lines[:-1]] == ["created", "failed", "created"]
    assert lines[1]["line"] == 2
    assert lines[1]["code"] in ([code] if code else ["invalid_json", "product_invalid"])
    assert lines[1]["problems"][0]["reason"]
    assert lines[-1] == {"rows": 3, "created": 2, "changed": 0, "unchanged": 0, "failed": 1}
    assert await slugs_of(pool) == ["before", "after"]


async def test_what_is_wrong_is_named_by_its_path(shop: Shop) -> None:
    bad = row(
        "x", title={"english": "Mug"}, variants=[{"sku": "A"}, {"sku": "B", "prices": {"BRL": "free"}, "colour": "red"}]
    )
    lines = await send(shop, POTTER, ndjson(bad))
    assert [(one["field"], one["reason"]) for one in lines[0]["problems"]][:1] == [
        ("title", "'english' is not a language tag such as pt-BR")
    ]
    assert {one["field"] for one in lines[0]["problems"]} >= {"variants[1]", "variants[1].prices.BRL"}
    assert lines[0]["slug"] == "x"


async def test_a_thousand_problems_are_told_in_a_few(shop: Shop) -> None:
    bad = row("x", variants=[{"sku": f"X{n}", "prices": {"BRL": "free"}} for n in range(200)])
    lines = await send(shop, POTTER, ndjson(bad))
    assert len(lines[0]["problems"]) == bulk.ROW_PROBLEMS_MAX


async def test_a_slug_that_came_before_in_the_stream_fails(shop: Shop, catalog: CatalogService) -> None:
    many = [row(f"p{number}") for number in range(bulk.BATCH_ROWS_MAX)]
    lines = await send(shop, POTTER, ndjson(row("a"), row("a", brand="Riso"), *many, row("a", brand="Oficina")))
    assert brief(lines)[:2] == [(1, "created", None), (2, "failed", "slug_twice")]
    assert brief(lines)[-1] == (bulk.BATCH_ROWS_MAX + 3, "failed", "slug_twice")
    assert (await catalog.product("a")).brand is None


async def test_a_sku_belongs_to_the_first_that_has_it(shop: Shop, pool: "Pool[asyncpg.Record]") -> None:
    mine = [{"sku": "SAME", "prices": {"BRL": 100}}]
    lines = await send(shop, POTTER, ndjson(row("a", variants=mine), row("b", variants=mine), row("c")))
    assert brief(lines) == [(1, "created", None), (2, "failed", "sku_taken"), (3, "created", None)]
    assert lines[1]["problems"] == [{"field": "variants[0].sku", "reason": "'SAME' already belongs to the product 'a'"}]
    lines = await send(shop, POTTER, ndjson(row("d", variants=mine)))
    assert brief(lines) == [(1, "failed", "sku_taken")]
    assert await slugs_of(pool) == ["a", "c"]


async def test_a_product_of_another_merchant_is_not_touched(shop: Shop, catalog: CatalogService) -> None:
    await send(shop, BAKER, ndjson(row("bread")))
    lines = await send(shop, POTTER, ndjson(row("bread", brand="Stolen"), row("mug")))
    assert brief(lines) == [(1, "failed", "product_slug_taken"), (2, "created", None)]
    bread = await catalog.product("bread")
    assert (bread.version, bread.brand, bread.merchant) == (1, None, BAKERY)


async def test_a_merchant_makes_no_categories(shop: Shop, catalog: CatalogService) -> None:
    lines = await send(shop, POTTER, ndjson(row("a", categories=["Spam"]), row("b")))
    assert brief(lines) == [(1, "failed", "product_invalid"), (2, "created", None)]
    assert await catalog.categories() == ()
    lines = await send(shop, ADMIN, ndjson(row("c", categories=["Canecas"], merchant=POTTERY)))
    assert brief(lines) == [(1, "created", None)]
    assert brief(await send(shop, POTTER, ndjson(row("a", categories=["canecas"])))) == [(1, "created", None)]


async def test_who_is_of_no_merchant_writes_nothing(shop: Shop, pool: "Pool[asyncpg.Record]") -> None:
    lines = await send(shop, NOBODY, ndjson(row("a"), row("b", merchant=POTTERY)))
    assert [one["status"] for one in lines[:-1]] == ["failed", "failed"]
    assert await slugs_of(pool) == []


async def test_a_row_without_a_merchant_needs_one_where_there_are_several(shop: Shop) -> None:
    for principal in (BOTH, ADMIN, SERVICE):
        lines = await send(shop, principal, ndjson(row("a")))
        assert brief(lines) == [(1, "failed", "merchant_required")]


async def test_a_store_that_goes_away_ends_the_stream_with_a_word(
    shop: Shop, pool: "Pool[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = bulk_rows.upsert_rows, 0

    async def once_only(*args: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise Unavailable("the database is away")
        return await real(*args, **named)

    monkeypatch.setattr("renga.domains.catalog.local.upsert_rows", once_only)
    count = bulk.BATCH_ROWS_MAX
    lines = await send(shop, POTTER, ndjson(*(row(f"p{number}") for number in range(count + 5))))
    assert len(lines) == count + 1
    assert lines[-1] == {
        "rows": count, "created": count, "changed": 0, "unchanged": 0, "failed": 0,
        "refused": 5, "code": "unavailable", "detail": "the database is away",
    }  # fmt: skip
    assert len(await slugs_of(pool)) == count


async def test_rows_beyond_the_limit_are_refused_with_a_word(
    shop: Shop, pool: "Pool[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BULK_ROWS_MAX", 3)
    lines = await send(shop, POTTER, ndjson(*(row(f"p{number}") for number in range(10))))
    assert [one["slug"] for one in lines[:-1]] == ["p0", "p1", "p2"]
    assert (lines[-1]["created"], lines[-1]["refused"], lines[-1]["code"]) == (3, 7, "too_many_rows")
    assert await slugs_of(pool) == ["p0", "p1", "p2"]


async def test_packed_data_that_breaks_off_keeps_the_rows_before(shop: Shop, pool: "Pool[asyncpg.Record]") -> None:
    whole = gzip.compress(ndjson(row("a"), row("b")))
    lines = await send(shop, POTTER, whole + gzip.compress(ndjson(row("c")))[:20], **{"Content-Encoding": "gzip"})
    assert brief(lines) == [(1, "created", None), (2, "created", None)]
    assert lines[-1]["code"] == "stream_broken"
    assert await slugs_of(pool) == ["a", "b"]


async def test_somebody_who_writes_the_same_all_the_time_fails_her_row_only(
    shop: Shop, catalog: CatalogService, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(shop, POTTER, ndjson(row("contested")))
    store = catalog._store  # the race is made by hand
    real = store.write

    async def write(changes: Any, mark: Any = None) -> None:
        if any(change.product.slug == "contested" for change in changes):
            raise StaleWrite
        await real(changes, mark)

    monkeypatch.setattr(store, "write", write)
    lines = await send(shop, POTTER, ndjson(row("a"), row("contested", brand="Riso"), row("b")))
    assert brief(lines) == [(1, "created", None), (2, "failed", "product_changed"), (3, "created", None)]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content-Type": "application/json"}, "unsupported_media_type"),
        ({"Content-Type": ROWS, "Content-Encoding": "br"}, "unsupported_media_type"),
    ],
)
async def test_a_body_of_another_kind_is_refused(shop: Shop, headers: dict[str, str], code: str) -> None:
    answer = await shop.as_(POTTER).post("/v1/catalog/bulk", content=ndjson(row("a")), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, code)


async def test_a_guest_is_refused(shop: Shop) -> None:
    answer = await shop.as_(None).post("/v1/catalog/bulk", content=ndjson(row("a")), headers=HEADERS)
    assert answer.status_code == 401


async def run(shop: Shop, messages: "asyncio.Queue[dict[str, Any]]") -> list[dict[str, Any]]:
    """The application with a body that the test gives out by hand; what it sent."""
    sent: list[dict[str, Any]] = []

    async def send_on(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/v1/catalog/bulk", "raw_path": b"/v1/catalog/bulk", "query_string": b"", "root_path": "",
        "headers": [(b"content-type", ROWS.encode())], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    await shop.known(POTTER)(scope, messages.get, send_on)
    return sent


async def test_of_a_client_that_leaves_whole_rows_are_written(shop: Shop, pool: "Pool[asyncpg.Record]") -> None:
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    count = bulk.BATCH_ROWS_MAX
    body = ndjson(*(row(f"p{number}") for number in range(count + 3))) + b'{"slug": "half", "ti'
    messages.put_nowait({"type": "http.request", "body": body, "more_body": True})
    messages.put_nowait({"type": "http.disconnect"})
    sent = await run(shop, messages)
    assert sent[0]["type"] == "http.response.start"
    assert await slugs_of(pool) == [f"p{number}" for number in range(count)]


async def test_an_answer_comes_while_the_rows_still_do(shop: Shop) -> None:
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    count = bulk.BATCH_ROWS_MAX
    answered = asyncio.Event()
    lines: list[bytes] = []

    async def receive() -> dict[str, Any]:
        if messages.empty():
            await answered.wait()  # the end of the body does not come before the first answers have
            return {"type": "http.request", "body": b"", "more_body": False}
        return messages.get_nowait()

    async def send_on(message: Any) -> None:
        if message.get("body"):
            lines.append(message["body"])
            answered.set()

    messages.put_nowait(
        {"type": "http.request", "body": ndjson(*(row(f"p{n}") for n in range(count))), "more_body": True}
    )
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/v1/catalog/bulk", "raw_path": b"/v1/catalog/bulk", "query_string": b"", "root_path": "",
        "headers": [(b"content-type", ROWS.encode())], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    await asyncio.wait_for(shop.known(POTTER)(scope, receive, send_on), 30)
    assert len(b"".join(lines).splitlines()) == count + 1


def test_the_limits_are_what_the_guide_says() -> None:
    assert (bulk.BULK_ROWS_MAX, limits.ROW_BYTES_MAX) == (100_000, 1 << 20)
