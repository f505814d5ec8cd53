"""What an operation does not take is refused by name, on every operation of the API; pages and OAuth take any parameter."""

import re

import httpx
import pytest
from litestar import Litestar, get
from litestar.params import FromQuery

from renga.apps.app import make_edge
from renga.apps.modules import DECLARED
from renga.kernel.clock import SystemClock
from renga.platform.auth.access import PUBLIC
from renga.platform.auth.signing import sign
from renga.platform.http.edge import Edge
from renga.platform.http.gate import Gate
from renga.platform.http.parameters import PATTERN
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.settings import PlatformSettings
from tests.architecture.test_access import KEY, MADE, ROUTES, _nobody

#: A provider calls it as it likes.
ANY_QUERY = {"/v1/webhooks/{provider}"}
OF_THE_API = [(method, path) for method, path, _ in ROUTES if path.startswith("/v1/") and path not in ANY_QUERY]


def _client(app: Edge | Litestar) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # an ASGI app like any
    return httpx.AsyncClient(transport=transport, base_url="http://shop.test")


async def _ask(method: str, path: str) -> httpx.Response:
    """As somebody who may do everything: what is refused here is the query."""
    scope = " ".join(sorted(frozenset[str]().union(*DECLARED.grants.values())))
    token = sign(KEY, subject="someone", scope=scope, issuer="renga", life_s=60, clock=SystemClock(), token_id="t")
    async with _client(make_edge(MADE, PlatformSettings())) as client:
        return await client.request(method, path, headers={"Authorization": f"Bearer {token}"})


def test_the_walk_reaches_every_domain() -> None:
    first = {path.split("/")[2] for _, path in OF_THE_API}
    assert first >= {"carts", "catalog", "categories", "identity", "products", "search"}


@pytest.mark.parametrize(("method", "path"), OF_THE_API, ids=[f"{m} {p}" for m, p in OF_THE_API])
async def test_an_unknown_parameter_is_refused_by_name(method: str, path: str) -> None:
    answer = await _ask(method, re.sub(r"[{}]", "", path) + "?no_such_parameter=1")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "unknown_parameter"), answer.text
    assert problem["parameter"] == "no_such_parameter"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/oauth/authorize", "/login", "/healthz", "/"])
async def test_pages_and_oauth_take_what_they_do_not_know(path: str) -> None:
    async with _client(make_edge(MADE, PlatformSettings())) as client:
        answer = await client.get(path, params={"utm_source": "letter"})
    assert "unknown_parameter" not in answer.text


async def test_a_handler_takes_what_it_declares_by_name_or_by_pattern() -> None:
    @get("/v1/tried", opt={"access": PUBLIC, PATTERN: re.compile(r"size\..+")})
    async def tried(colour: FromQuery[str] = "") -> str:
        return colour

    app = Litestar(
        route_handlers=[Gate(_nobody()).behind([tried])],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    async with _client(Edge(app, https=False)) as client:
        for query, status in (
            ("colour=blue&size.to=3", 200),
            ("size=3", 400),
            ("Colour=blue", 400),
            ("colour=a&x", 400),
            ("colour=%FF", 400),
            ("colour=%C3%A9", 200),
        ):
            answer = await client.get(f"/v1/tried?{query}")
            assert answer.status_code == status, query
