"""The head of a request is bounded, whatever server stands before: what is over a bound is refused before anything reads it."""

from typing import Any

import httpx
import pytest

from renga.platform.http.bounds import HEADER_BYTES_MAX, HEADERS_BYTES_MAX, HEADERS_MAX, TARGET_BYTES_MAX
from tests.loop_watch import LoopWatch
from tests.platform.gated import HOST, GatedApp

Headers = list[tuple[bytes, bytes]]
MEGABYTE = 1_000_000


async def ask(app: Any, *, headers: Headers = (), query: bytes = b"", path: str = "/public") -> httpx.Response:  # type: ignore[assignment]  # none
    """As a server hands a request over; a client library would refuse some of these itself."""
    got: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        got.append(message)

    scope = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": path, "raw_path": path.encode(),
             "query_string": query, "root_path": "", "headers": [(b"host", HOST.encode()), *headers],
             "client": ("192.0.2.1", 1), "server": (HOST, 80), "state": {}}  # fmt: skip
    await app(scope, receive, send)
    return httpx.Response(got[0]["status"], headers=got[0]["headers"], content=got[1]["body"])


#: Name, headers, query, path, and what is answered.
HEADS: list[tuple[str, Headers, bytes, str, int, str]] = [
    ("one header of a megabyte", [(b"x-a", b"x" * MEGABYTE)], b"", "/public", 431, "headers_too_large"),
    ("a hundred thousand headers", [(b"x-a", b"")] * 100_000, b"", "/public", 431, "headers_too_large"),
    ("a name of a megabyte", [(b"x" * MEGABYTE, b"")], b"", "/public", 431, "headers_too_large"),
    ("many headers just long enough", [(b"x-a", b"x" * 8_000)] * 10, b"", "/public", 431, "headers_too_large"),
    ("a million cookies", [(b"cookie", b"a=b;" * 500_000)], b"", "/public", 431, "headers_too_large"),
    ("a million kinds", [(b"accept", b"a/b," * 500_000)], b"", "/problems/x", 431, "headers_too_large"),
    ("a million languages", [(b"accept-language", b"a," * 500_000)], b"", "/public", 431, "headers_too_large"),
    ("a million tags", [(b"if-none-match", b'"",' * 500_000)], b"", "/public", 431, "headers_too_large"),
    ("a million proxies", [(b"x-forwarded-for", b"1.1.1.1," * 500_000)], b"", "/public", 431, "headers_too_large"),
    ("a query of a megabyte", [], b"%41" * 400_000, "/public", 414, "target_too_long"),
    ("a million parameters", [], b"a&" * 500_000, "/public", 414, "target_too_long"),
    ("a path of a megabyte", [], b"", "/public" + "/a" * 500_000, 414, "target_too_long"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "query", "path", "status", "code"), [one[1:] for one in HEADS], ids=[one[0] for one in HEADS]
)
async def test_a_head_over_a_bound_is_refused_at_once(
    headers: Headers, query: bytes, path: str, status: int, code: str
) -> None:
    app = GatedApp()
    watch = LoopWatch()
    answer = await watch.over(ask(app.app, headers=headers, query=query, path=path))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert app.seen == []
    watch.check()


#: The longest that are taken, of what is read piece by piece.
WITHIN: list[tuple[str, Headers, bytes]] = [
    ("as many headers as may be", [(b"x-a", b"x")] * (HEADERS_MAX - 1), b""),
    ("as long ones as may be", [(b"x-a", b"x" * (HEADER_BYTES_MAX - 3))] * 3, b""),
    ("cookies", [(b"cookie", b"a=b;" * 2_000)], b""),
    ("kinds", [(b"accept", b"a/b;q=0.1," * 800)], b""),
    ("languages", [(b"accept-language", b"a;q=0.5," * 1_000)], b""),
    ("tags", [(b"if-none-match", b'"",' * 2_000)], b""),
    ("a query", [], b"%41" * (TARGET_BYTES_MAX // 3 - 10)),
    ("parameters", [], b"a&" * (TARGET_BYTES_MAX // 2 - 10)),
]


@pytest.mark.parametrize(("headers", "query"), [one[1:] for one in WITHIN], ids=[one[0] for one in WITHIN])
async def test_a_head_within_the_bounds_is_answered_and_never_stops_the_loop(headers: Headers, query: bytes) -> None:
    assert sum(len(name) + len(value) for name, value in headers) < HEADERS_BYTES_MAX
    watch = LoopWatch()
    answer = await watch.over(ask(GatedApp().app, headers=headers, query=query))
    assert (answer.status_code, answer.text) == (200, "open")
    watch.check()
