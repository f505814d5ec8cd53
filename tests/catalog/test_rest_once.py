"""Uploads and bulk upserts with an Idempotency-Key: a repeated request gets the first response and does nothing."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from renga.domains.catalog.local import CatalogService
from renga.kernel.clock import ManualClock
from renga.kernel.once import Once
from renga.platform.idempotency.objects import ObjectAnswers
from renga.platform.idempotency.postgres import KEPT_MS
from renga.platform.media.folder import FolderMedia
from tests.catalog.selling import BAKER, POTTER, Shop, in_pieces, ndjson, outcomes
from tests.catalog.shop import row
from tests.catalog.test_bulk import HEADERS
from tests.catalog.test_rest_media import PATH, jpeg

REPLAYED = "idempotency-replayed"
BULK = "/v1/catalog/bulk"


async def _send(shop: Shop, body: Any, key: str = "k-1", principal: Any = POTTER) -> httpx.Response:
    return await shop.as_(principal).post(BULK, content=body, headers={**HEADERS, "Idempotency-Key": key})


async def test_a_picture_is_answered_as_the_first_time_in_a_form_too(shop: Shop) -> None:
    client, key = shop.as_(POTTER), {"Idempotency-Key": "k-1"}
    first = await client.post(PATH, content=jpeg(), headers={"Content-Type": "image/jpeg", **key})
    again = await client.post(PATH, content=jpeg(), headers={"Content-Type": "image/jpeg", **key})
    form = await client.post(PATH, files={"file": ("mug.jpg", jpeg(), "image/jpeg")}, headers=key)
    assert [answer.status_code for answer in (first, again, form)] == [201, 201, 201]
    assert first.content == again.content == form.content
    assert [answer.headers.get(REPLAYED) for answer in (first, again, form)] == [None, "true", "true"]
    other = await client.post(PATH, content=jpeg() + b"\0", headers={"Content-Type": "image/jpeg", **key})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")


async def test_a_stream_gets_its_first_answer_again(shop: Shop, catalog: CatalogService) -> None:
    body = ndjson(row("a"), row("b"), b"[]")
    first, again = await _send(shop, body), await _send(shop, in_pieces(body[:10], body[10:]))
    assert [line["status"] for line in outcomes(first)[:-1]] == ["created", "created", "failed"]
    assert (again.status_code, again.content) == (200, first.content)
    assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true")
    assert again.headers["content-type"] == first.headers["content-type"]
    other = await _send(shop, ndjson(row("c")))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    assert {one.slug for one in (await catalog.products()).items} == {"a", "b"}


async def test_a_replayed_stream_writes_nothing(shop: Shop, catalog: CatalogService) -> None:
    await _send(shop, ndjson(row("a", brand="Riso")))
    await _send(shop, ndjson(row("a", brand="Lume")), "k-2")
    again = await _send(shop, ndjson(row("a", brand="Riso")))
    assert again.headers[REPLAYED] == "true"
    assert (await catalog.product("a")).brand == "Lume"


async def test_a_key_is_its_callers_own(shop: Shop) -> None:
    await _send(shop, ndjson(row("a")))
    bakers = await _send(shop, ndjson(row("b")), principal=BAKER)
    assert outcomes(bakers)[0]["status"] == "created"
    assert REPLAYED not in bakers.headers


async def test_a_key_that_is_none_is_refused(shop: Shop) -> None:
    answer = await _send(shop, ndjson(row("a")), " ")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def _contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def test_answers_lie_sealed_and_are_found_for_a_day(tmp_path: Path) -> None:
    clock = ManualClock()
    answers = ObjectAnswers(FolderMedia(tmp_path, lambda: "1"), clock)
    once = Once(scope="potter", key="k", fingerprint=b"f")
    await answers.keep(once, b"an answer to keep")
    (kept,) = await asyncio.to_thread(_contents, tmp_path)
    assert b"an answer" not in kept
    assert await answers.find(once) == b"an answer to keep"
    clock.advance(seconds=KEPT_MS // 1000)
    assert await answers.find(once) is None
