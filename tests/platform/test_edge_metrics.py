"""Who reads metrics, and what may stand in their labels."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from litestar import Litestar
from prometheus_client import generate_latest

from renga.platform.auth.principal import Principal
from renga.platform.http import health
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.settings import MetricsReaders
from tests.platform.gated import GatedApp

READER = Principal(subject="prometheus", scopes=frozenset({"metrics:read"}))
SHOPPER = Principal(subject="ana", scopes=frozenset({"cart"}), kind="session")
HERE, THERE = "127.0.0.1", "192.0.2.7"


async def read(
    readers: MetricsReaders, address: str, principal: Principal | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, str]:
    routes = Litestar(
        health.routes({}, metrics=readers),
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        logging_config=None,
    )

    async def app(scope: Any, receive: Any, send: Any) -> None:
        known: Any = {**scope, "renga_principal": principal, "renga_client": address}
        await routes(known, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as client:
        answer = await client.get("/metrics", headers=headers)
    return answer.status_code, "" if answer.status_code == 200 else answer.json()["code"]


@pytest.mark.parametrize("address", [HERE, "::1", "127.9.9.9"])
async def test_by_default_a_program_on_the_same_machine_reads_them(address: str) -> None:
    assert await read("local", address) == (200, "")


@pytest.mark.parametrize("address", [THERE, "::ffff:192.0.2.7", "2001:db8::1", "unix", ""])
async def test_by_default_nobody_else_does(address: str) -> None:
    assert await read("local", address) == (401, "unauthenticated")
    assert await read("local", address, SHOPPER) == (403, "insufficient_scope")
    assert await read("local", address, READER) == (200, "")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
async def test_what_a_proxy_on_this_machine_passes_on_is_not_from_here(header: str) -> None:
    assert await read("local", HERE, headers={header: "x"}) == (401, "unauthenticated")


async def test_the_setting_says_that_a_token_is_needed_or_that_nothing_is() -> None:
    assert await read("token", HERE) == (401, "unauthenticated")
    assert await read("token", HERE, READER) == (200, "")
    assert await read("everyone", THERE) == (200, "")


async def test_odd_methods_and_paths_are_other() -> None:
    app = GatedApp()
    async with app.client() as client:
        for method in ("BREW", "PROPFIND", "get", "X" * 50):
            await client.request(method, "/public")
        for path in ("/odd-place", "/public/%2e%2e/x", "/%00", "/lean/odd-thing/at/all"):
            await client.get(path)
    labels = generate_latest().decode()
    for odd in ("BREW", "PROPFIND", 'method="get"', "XXXX", "odd-place", "%2e", "odd-thing"):
        assert odd not in labels
    assert 'renga_http_answers_total{method="other"' in labels
    assert 'route="other"' in labels
