"""Probes say whether the process lives, whether its engines answer, and what it has counted."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import pytest
from litestar import Litestar

from renga.kernel.errors import Unavailable
from renga.platform.http import health
from renga.platform.http.edge import Edge
from renga.platform.http.gate import Gate
from renga.platform.http.lean import LeanTable
from tests.platform.test_lean import NOBODY


@asynccontextmanager
async def probing(checks: Mapping[str, health.Check]) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(health.routes(checks), openapi_config=None, logging_config=None)
    lean = LeanTable(app, health.operations(), body_max_bytes=0, gate=Gate(NOBODY))
    transport = httpx.ASGITransport(Edge(app, https=False, lean=lean))  # type: ignore[arg-type]  # an ASGI app like any
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        yield client


async def fine() -> None:
    pass


async def away() -> None:
    raise Unavailable("nobody answers")


async def stuck() -> None:
    await asyncio.Event().wait()


async def test_a_shop_whose_engines_answer_is_ready() -> None:
    async with probing({"database": fine, "bus": fine}) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "engines": {"database": "ok", "bus": "ok"}})


async def test_one_engine_that_is_away_makes_the_shop_unready_and_is_named() -> None:
    async with probing({"database": away, "bus": fine}) as client:
        answer = await client.get("/readyz")
    engines = {"database": "nobody answers", "bus": "ok"}
    assert (answer.status_code, answer.json()) == (503, {"status": "unready", "engines": engines})


async def test_an_engine_that_never_answers_is_given_up_and_does_not_hide_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "CHECK_TIMEOUT_S", 0.05)
    async with probing({"database": stuck, "cart_store": stuck, "bus": fine}) as client:
        answer = await client.get("/readyz")
    said = "no answer within 0 s"
    assert answer.status_code == 503
    assert answer.json()["engines"] == {"database": said, "cart_store": said, "bus": "ok"}


async def test_a_process_is_alive_whatever_its_engines_do() -> None:
    async with probing({"database": away, "bus": stuck}) as client:
        assert (await client.get("/healthz")).status_code == 200


async def test_metrics_are_in_the_format_of_prometheus() -> None:
    async with probing({}) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "# TYPE python_info gauge" in answer.text
