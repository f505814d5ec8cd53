"""Whatever is asked of search, the loop goes on, measured in CPU time between two yields."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from litestar import Litestar

from renga.domains.search.asking import variants
from renga.domains.search.contract import MERCHANDISING, Synonyms
from renga.domains.search.http import routes
from renga.domains.search.limits import SYNONYM_WORDS_MAX, SYNONYMS_MAX
from renga.domains.search.opening import SearchModule
from renga.frontends.web.question import read_question
from renga.kernel.clock import ManualClock
from renga.platform.auth.principal import Principal
from renga.platform.http.edge import Edge
from renga.platform.http.problems import EXCEPTION_HANDLERS
from tests.catalog.fake import FakeCatalog
from tests.loop_watch import LoopWatch


@pytest.fixture
async def client(rooms: SearchModule, catalog: FakeCatalog, clock: ManualClock) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(routes(rooms.search, rooms.search, catalog, clock), exception_handlers=EXCEPTION_HANDLERS)
    meg = Principal(subject="meg", scopes=frozenset({MERCHANDISING}))

    async def behind_a_gate(scope: Any, receive: Any, send: Any) -> None:
        await app(scope | {"renga_principal": meg}, receive, send)

    transport = httpx.ASGITransport(Edge(behind_a_gate, https=False))  # type: ignore[arg-type]  # an ASGI app like any
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield client


#: Name, parameters, status and code.
QUESTIONS: list[tuple[str, list[tuple[str, str]], int, str | None]] = [
    ("250 facet filters", [(f"attribute.a{n}", "x") for n in range(250)], 400, "search_invalid"),
    ("250 values of one facet", [("brand", f"b{n}") for n in range(250)], 400, "search_invalid"),
    ("250 bounds", [(f"attribute.a{n}.from", "1") for n in range(250)], 400, "search_invalid"),
    ("as many filters as may be", [(f"attribute.a{n}", f"x{m}") for n in range(19) for m in range(10)], 200, None),
    ("as many values as may be", [("brand", f"b{n}") for n in range(50)], 200, None),
    ("a thousand facets", [("facets", ",".join(["brand"] * 1_000))], 400, "search_invalid"),
    ("ten thousand letters", [("q", "a" * 10_000)], 400, "search_invalid"),
    ("five thousand words", [("q", "a " * 5_000)], 400, "search_invalid"),
    ("a hundred words", [("q", "a " * 100)], 200, None),
    ("a hundred words of the shop", [("q", "caneca " * 25)], 200, None),
    ("a long cursor", [("cursor", "x" * 10_000)], 400, "search_cursor_invalid"),
    ("a long query", [("q", "a" * 60_000)], 400, "search_invalid"),
]


@pytest.mark.parametrize(
    ("parameters", "status", "code"), [one[1:] for one in QUESTIONS], ids=[one[0] for one in QUESTIONS]
)
async def test_a_question_never_stops_the_loop(
    client: httpx.AsyncClient, parameters: list[tuple[str, str]], status: int, code: str | None
) -> None:
    await client.get("/v1/search")  # what is made once is made
    watch = LoopWatch()
    answer = await watch.over(client.get(f"/v1/search?{urlencode(parameters)}"))
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    watch.check()


#: Bodies of a merchandiser.
BODIES = {
    "a hundred thousand rulings": b'{"items":[' + b",".join([b'{"words":["a","b"]}'] * 50_000) + b"]}",
    "a ruling of many words": b'{"items":[{"words":[' + b",".join([b'"a"'] * 250_000) + b"]}]}",
    "lists in lists": b'{"items":[' + b",".join([b"[[]]"] * 200_000) + b"]}",
    "a wrong member at the end": b'{"items":[' + b'{"words":["a","b"]},' * 9_000 + b'{"words":1}]}',
}


@pytest.mark.parametrize("name", BODIES)
async def test_rulings_never_stop_the_loop(client: httpx.AsyncClient, name: str) -> None:
    watch = LoopWatch()
    asking = client.put("/v1/search/synonyms/pt-BR", content=BODIES[name], headers={"Content-Type": "application/json"})
    answer = await watch.over(asking)
    assert answer.status_code in (400, 422)
    watch.check()


async def test_as_many_rulings_as_may_be_do_not_stop_a_search() -> None:
    rulings = [
        Synonyms(words=tuple(f"w{ruling}x{word}" for word in range(SYNONYM_WORDS_MAX)))
        for ruling in range(SYNONYMS_MAX)
    ]
    text = " ".join("abcdefghij"[n % 10] for n in range(100))

    async def ask() -> tuple[str, ...]:
        return variants(text, rulings, "pt-BR")

    await ask()
    watch = LoopWatch()
    assert await watch.over(ask()) == (text,)
    watch.check()


async def test_the_address_of_a_page_does_not_stop_it() -> None:
    async def read() -> int:
        return len(read_question([(f"attribute.a{n}", "x" * 100) for n in range(4_000)], "BRL").filters)

    watch = LoopWatch()
    assert await watch.over(read()) <= 20
    watch.check()
