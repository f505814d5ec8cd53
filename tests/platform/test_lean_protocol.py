"""Lean operations over raw sockets: a connection answers them itself, and exactly as the application would."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import uvicorn
from prometheus_client import REGISTRY

from renga.kernel.errors import Conflict
from renga.platform.auth.access import PUBLIC, Access
from renga.platform.http.cors import Cors
from renga.platform.http.edge import Edge
from renga.platform.http.gate import Gate
from renga.platform.http.lean import Answer, Call, LeanTable, Operation
from renga.platform.http.lean_protocol import lean_protocol_of
from renga.platform.http.server_settings import HttpSettings
from tests.platform.test_lean import NOBODY
from tests.platform.test_server_protocol import document, echo, exchange, status

HOST = b"Host: a\r\n"
JSON = b"Host: a\r\nContent-Type: application/json\r\n"
CLOSE = b"Connection: close\r\n"
BODY_MAX = 64


class Things(msgspec.Struct):
    name: str


class Shop:
    """Operations that wait until the test lets them go on, and what they were called with."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.waiting = 0
        self.made: list[str] = []
        self.ended: list[str] = []

    async def wait(self, call: Call) -> Answer:
        self.waiting += 1
        await self.go_on.wait()
        self.ended.append(call.parameters["thing"])
        return Answer(200, msgspec.json.encode(call.parameters))

    async def make(self, call: Call) -> Answer:
        self.made.append(call.decode(msgspec.json.Decoder(Things)).name)
        return Answer(201, b'{"made":true}', [(b"location", b"/v9/things/1")])

    def operations(self) -> list[Operation]:
        return [
            _operation("POST", "/v9/things", self.make),
            _operation("GET", "/v9/things/{thing}", _show),
            _operation("DELETE", "/v9/things/{thing}", _nothing),
            _operation("POST", "/v9/things/{thing}/empty", _empty),
            _operation("GET", "/v9/things/{thing}/waiting", self.wait),
            _operation("GET", "/v9/things/{thing}/conflict", _conflict),
            _operation("GET", "/v9/things/{thing}/broken", _broken),
            _operation("GET", "/v9/things/{thing}/split", _split),
            _operation("POST", "/v9/secrets", self.make, access=Access(scopes=("secrets",))),
        ]


async def _show(call: Call) -> Answer:
    return Answer(200, msgspec.json.encode({"thing": call.parameters["thing"], "client": call.client}))


async def _nothing(call: Call) -> Answer:
    return Answer(204)


async def _empty(call: Call) -> Answer:
    return Answer(200)


async def _conflict(call: Call) -> Answer:
    await asyncio.sleep(0.01)
    raise Conflict("taken", by="ana")


async def _broken(call: Call) -> Answer:
    await asyncio.sleep(0.01)
    raise KeyError("a secret detail")


async def _split(call: Call) -> Answer:
    return Answer(200, b"{}", [(b"x-note", b"one\r\nset-cookie: stolen=1")])


def _operation(method: str, path: str, handler: Any, access: Access = PUBLIC) -> Operation:
    return Operation(
        method=method, path=path, handler=handler, access=access, rate="read", id=f"{method}{path}", summary="", tag=""
    )


def edge_of(shop: Shop) -> Edge:
    table = LeanTable(echo, shop.operations(), body_max_bytes=BODY_MAX, gate=Gate(NOBODY))
    return Edge(echo, https=True, lean=table, cors=Cors(["https://shop.example"]))


@contextlib.asynccontextmanager
async def serving(edge: Edge, *, keep_alive_s: int = 5, drain_s: int = 5) -> AsyncIterator[tuple[int, uvicorn.Server]]:
    """A port of 127.0.0.1 where the edge is served, and its server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            edge, http=lean_protocol_of(edge, HttpSettings()), loop="none", lifespan="off", log_config=None,
            access_log=False, server_header=False, timeout_keep_alive=keep_alive_s, timeout_graceful_shutdown=drain_s,
        )  # fmt: skip
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]  # the test's own loop keeps its handlers
        running = asyncio.create_task(server.serve([listener]))
        try:
            yield listener.getsockname()[1], server
        finally:
            server.should_exit = True
            await running


@pytest.fixture
async def shop() -> Shop:
    return Shop()


def request(method: str, path: str, headers: bytes = b"Host: a\r\n" + CLOSE, body: bytes = b"") -> bytes:
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    return f"{method} {path} HTTP/1.1\r\n".encode() + headers + length + b"\r\n" + body


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


def shop_is_listening(server: uvicorn.Server) -> bool:
    return any(one.is_serving() for one in server.servers)


def _head(answer: bytes) -> list[str]:
    lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").lower().split("\r\n")[1:]
    return sorted(line for line in lines if not line.startswith(("date:", "x-request-id:")))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v9/things/seven", b""),
        ("GET", "/v9/things/a%2Fb%20c/", b""),
        ("POST", "/v9/things", b'{"name":"Ana"}'),
        ("POST", "/v9/things", b'{"name":7}'),
        ("POST", "/v9/things", b"{"),
        ("POST", "/v9/things", b'{"name":"' + b"x" * BODY_MAX + b'"}'),
        ("DELETE", "/v9/things/seven", b""),
        ("GET", "/v9/things/seven?nope=1", b""),
        ("GET", "/v9/things/seven/conflict", b""),
        ("GET", "/v9/things/seven/broken", b""),
        ("POST", "/v9/secrets", b"{}"),
        ("PUT", "/v9/things/seven", b"{}"),
        ("OPTIONS", "/v9/things/seven", b""),
        ("HEAD", "/v9/things/seven", b""),
    ],
)
@pytest.mark.parametrize("origin", [b"", b"Origin: https://shop.example\r\n"])
async def test_a_connection_answers_as_the_application_does(
    shop: Shop, method: str, path: str, body: bytes, origin: bytes
) -> None:
    edge = edge_of(shop)
    headers = JSON + origin + CLOSE + b"X-Request-Id: same-1\r\n"
    async with serving(edge) as (port, _):
        direct = await exchange(port, request(method, path, headers, body))
        edge.find_direct = lambda scope: None  # type: ignore[method-assign]  # now the application is asked
        passed_on = await exchange(port, request(method, path, headers, body))
    assert direct.split(b"\r\n", 1)[0] == passed_on.split(b"\r\n", 1)[0]
    assert _head(direct) == _head(passed_on)
    assert direct.partition(b"\r\n\r\n")[2] == passed_on.partition(b"\r\n\r\n")[2]
    assert direct.count(b"\r\ndate: ") == 1
    assert b"\r\nx-request-id: same-1\r\n" in direct


async def test_an_empty_answer_says_its_length(shop: Shop) -> None:
    async with serving(edge_of(shop)) as (port, _):
        answer = await exchange(port, request("POST", "/v9/things/seven/empty"))
        nothing = await exchange(port, request("DELETE", "/v9/things/seven"))
    assert status(answer) == 200
    assert b"\r\ncontent-length: 0\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")
    assert (status(nothing), b"content-length" in nothing) == (204, False)


async def test_pipelined_requests_are_answered_in_their_order_whoever_answers(shop: Shop) -> None:
    async with serving(edge_of(shop)) as (port, _):
        asked = [
            request("GET", "/v9/things/one/waiting", HOST),
            request("GET", "/v9/things/two", HOST),
            request("GET", "/other", HOST),
            request("POST", "/v9/things", JSON, b'{"name":"Ana"}'),
            request("GET", "/v9/things/three/conflict", HOST),
            request("GET", "/v9/things/four"),
        ]
        asking = asyncio.create_task(exchange(port, b"".join(asked)))
        await until(lambda: shop.waiting == 1)
        assert shop.made == []
        shop.go_on.set()
        answer = await asking
    found = [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert found == [200, 200, 200, 201, 409, 200]
    places = [answer.index(word) for word in (b'"one"', b'"two"', b'"/other"', b'"made"', b'"taken"', b'"four"')]
    assert places == sorted(places)


async def test_a_client_that_goes_away_while_its_operation_waits_harms_nobody(shop: Shop) -> None:
    async with serving(edge_of(shop)) as (port, server):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request("GET", "/v9/things/gone/waiting"))
        await until(lambda: shop.waiting == 1)
        writer.transport.abort()
        await until(lambda: not server.server_state.connections)
        shop.go_on.set()
        await until(lambda: not server.server_state.tasks)
        assert shop.ended == ["gone"]
        assert status(await exchange(port, request("GET", "/v9/things/seven"))) == 200
    assert REGISTRY.get_sample_value("renga_http_open_requests") == 0


@pytest.mark.parametrize("part", [b"", b'{"name":"Ana"}'])
async def test_a_body_without_its_end_is_not_acted_upon(shop: Shop, part: bytes) -> None:
    async with serving(edge_of(shop)) as (port, server):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /v9/things HTTP/1.1\r\n" + JSON + b"Content-Length: 30\r\n\r\n" + part)
        await until(lambda: server.server_state.tasks)
        writer.transport.abort()
        await until(lambda: not server.server_state.tasks)
        assert shop.made == []
        assert status(await exchange(port, request("POST", "/v9/things", JSON + CLOSE, b'{"name":"Bia"}'))) == 201
    assert shop.made == ["Bia"]


async def test_a_body_may_come_in_parts_and_after_100_continue(shop: Shop) -> None:
    head = b"POST /v9/things HTTP/1.1\r\n" + JSON + b"Content-Length: 14\r\n"
    async with serving(edge_of(shop)) as (port, _):
        parts = await exchange(port, head + b"\r\n", b'{"name"', b':"Ana"}', pause_s=0.05)
        told = await exchange(port, head + b"Expect: 100-continue\r\n\r\n", b'{"name":"Bia"}', pause_s=0.2)
    assert status(parts) == 201
    assert told.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n")
    assert shop.made == ["Ana", "Bia"]


async def test_a_refusal_before_the_body_is_here_leaves_the_connection_usable(shop: Shop) -> None:
    head = b"POST /v9/secrets HTTP/1.1\r\n" + JSON + b"Content-Length: 14\r\n\r\n"
    async with serving(edge_of(shop)) as (port, _):
        answer = await exchange(port, head, b'{"name":"Ana"}' + request("GET", "/v9/things/next"), pause_s=0.1)
    assert [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]] == [401, 200]
    assert shop.made == []


async def test_an_error_after_it_waited_is_a_document_that_tells_nothing(shop: Shop) -> None:
    async with serving(edge_of(shop)) as (port, _):
        answer = await exchange(port, request("GET", "/v9/things/seven/broken"))
    assert (status(answer), document(answer)["code"]) == (500, "internal_error")
    assert b"secret detail" not in answer


async def test_a_line_break_in_a_header_begins_no_other(shop: Shop) -> None:
    async with serving(edge_of(shop)) as (port, _):
        answer = await exchange(port, request("GET", "/v9/things/seven/split"))
    assert status(answer) == 500
    assert b"stolen" not in answer


async def test_what_waits_at_a_graceful_stop_is_answered_and_then_closed(shop: Shop) -> None:
    async with serving(edge_of(shop)) as (port, server):
        asking = asyncio.create_task(exchange(port, request("GET", "/v9/things/last/waiting", HOST)))
        await until(lambda: shop.waiting == 1)
        server.should_exit = True
        await until(lambda: not shop_is_listening(server))
        shop.go_on.set()
        answer = await asking
    assert (status(answer), document(answer)) == (200, {"thing": "last"})
    assert b"\r\nconnection: close\r\n" in answer


async def test_what_waits_longer_than_a_graceful_stop_is_told_so(shop: Shop) -> None:
    async with serving(edge_of(shop), drain_s=1) as (port, server):
        asking = asyncio.create_task(exchange(port, request("GET", "/v9/things/never/waiting", HOST)))
        await until(lambda: shop.waiting == 1)
        server.should_exit = True
        assert status(await asking) == 500
    assert shop.ended == []


async def test_http_1_0_is_answered_and_closed(shop: Shop) -> None:
    async with serving(edge_of(shop)) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /v9/things/old HTTP/1.0\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["thing"] == "old"
    assert b"\r\nconnection: close\r\n" in answer


async def test_a_connection_is_closed_when_it_was_idle_for_so_long_and_not_before(shop: Shop) -> None:
    loop = asyncio.get_running_loop()
    async with serving(edge_of(shop), keep_alive_s=1) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for path in ("/v9/things/one", "/v9/things/two", "/other", "/v9/things/three"):  # longer than a second in all
            writer.write(request("GET", path, HOST))
            assert status(await asyncio.wait_for(reader.read(65_536), 5)) == 200
            await asyncio.sleep(0.4)
        writer.write(request("GET", "/v9/things/four/waiting", HOST))
        await until(lambda: shop.waiting == 1)
        await asyncio.sleep(1.3)  # a request that is under way is not idle
        shop.go_on.set()
        await asyncio.wait_for(reader.readuntil(b'{"thing":"four"}'), 5)
        answered = loop.time()
        assert await asyncio.wait_for(reader.read(), 5) == b""
        assert 0.9 < loop.time() - answered < 2
        writer.close()


async def test_direct_answers_are_counted_by_route(shop: Shop) -> None:
    labels = {"method": "GET", "route": "/v9/things/{thing}/conflict", "status": "409"}
    before = REGISTRY.get_sample_value("renga_http_answers_total", labels) or 0
    async with serving(edge_of(shop)) as (port, _):
        await exchange(port, request("GET", "/v9/things/seven/conflict"))
    assert REGISTRY.get_sample_value("renga_http_answers_total", labels) == before + 1


async def test_a_truncated_body_is_refused_by_the_application_too(shop: Shop) -> None:
    messages = iter(
        [{"type": "http.request", "body": b'{"name":"Ana"}', "more_body": True}, {"type": "http.disconnect"}]
    )
    sent: list[Any] = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {
        "type": "http", "method": "POST", "path": "/v9/things", "raw_path": b"/v9/things", "query_string": b"",
        "headers": [(b"content-type", b"application/json")], "client": ("10.0.0.9", 1),
    }  # fmt: skip
    await edge_of(shop)(scope, receive, send)
    assert (sent[0]["status"], shop.made) == (400, [])
