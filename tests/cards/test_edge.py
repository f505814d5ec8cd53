"""Requests with the number of a card at the whole application, without a network, and on connections of the server."""

import asyncio
import json
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from renga.kernel.identifiers import Identifier
from renga.platform.auth.access import PUBLIC
from renga.platform.cards.bodies import check_body
from renga.platform.cards.declared import CardRules
from renga.platform.cards.guard import CardGuard
from renga.platform.cards.refusal import CardNumberRefused
from renga.platform.http.card_rules import lean_rules
from renga.platform.http.edge import Edge
from renga.platform.http.gate import Gate
from renga.platform.http.lean import Answer, Call, LeanTable, Operation
from renga.platform.http.problems import EXCEPTION_HANDLERS
from tests.platform.test_lean import NOBODY
from tests.platform.test_lean_protocol import serving

VISA, EAN = "4242424242424242", "4006381333931"
JSON = {"content-type": "application/json"}


class ThingLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sku: Identifier
    note: str = ""
    amount: int = 0


class Things(msgspec.Struct, frozen=True):
    lines: list[ThingLine]


class Taker:
    """One lean operation with a typed body; ``taken`` are the bodies that reached it."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        operation = Operation(
            method="POST", path="/v1/things/{sku}", handler=self._take, access=PUBLIC, rate="write", id="t", summary="t",
            tag="t", body=Things, identifiers=("sku",), any_query=True,
        )  # fmt: skip
        gate = Gate(NOBODY)
        app = Litestar([], exception_handlers=EXCEPTION_HANDLERS, openapi_config=None, logging_config=None)
        cards = CardGuard(lambda: [lean_rules(operation)], body_max_bytes=1 << 20)
        table = LeanTable(app, [operation], body_max_bytes=1 << 20, gate=gate, cards=cards)
        self.edge: Any = Edge(app, https=False, lean=table, cards=cards)

    async def _take(self, call: Call) -> Answer:
        self.taken.append(call.body)
        return Answer(204)

    async def post(self, path: str, body: bytes | str, **headers: str) -> tuple[int, dict[str, Any]]:
        transport = httpx.ASGITransport(self.edge)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            answer = await client.post(path, content=body, headers=JSON | headers)
            return answer.status_code, answer.json() if answer.content else {}


@pytest.fixture
def taker() -> Taker:
    return Taker()


async def test_the_refusal_names_the_member_and_not_the_number(taker: Taker) -> None:
    body = json.dumps({"lines": [{"sku": "A"}, {"sku": "B", "note": f"my card {VISA}"}]})
    status, problem = await taker.post("/v1/things/a", body)
    assert (status, problem["code"], problem["field"]) == (422, "card_number_refused", "lines[1].note")
    assert problem["type"] == "/problems/card_number_refused"
    assert VISA not in json.dumps(problem)
    status, problem = await taker.post("/v1/things/a", json.dumps({"x": {VISA: 1}}))
    assert (status, problem["field"]) == (422, "x.[card ****4242]")
    assert taker.taken == []


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/things/a?q=" + VISA, "{}", "q"),
        ("/v1/things/a?q=x&q=%34" + VISA[1:], "{}", "q"),
        ("/v1/other/" + VISA, "{}", "path"),
        ("/v1/things/a", '{"lines":[],"x":' + VISA + "}", "x"),
        ("/v1/things/a", '{"lines":[],"x":' + VISA + ".0}", "x"),
        ("/v1/things/a", '{"lines":[{"sku":"' + VISA + '","note":"' + VISA + '"}]}', "lines[0].note"),
        ("/v1/things/a", '{"lines":[{"sku":"' + VISA + '","x":"' + VISA + '"}]}', "lines[0].x"),
        ("/v1/things/a", '{"note":"' + VISA + '","note":"x"}', "body"),
        ("/v1/things/a", VISA + "{", "body"),
        ("/v1/things/a", b'{"lines":"\xff' + VISA.encode() + b'"}', "body"),
    ],
)
async def test_what_is_refused(taker: Taker, path: str, body: bytes | str, field: str) -> None:
    status, problem = await taker.post(path, body)
    assert (status, problem["code"], problem["field"]) == (422, "card_number_refused", field)
    assert taker.taken == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/things/" + VISA, "{}"),
        ("/v1/things/a?q=" + EAN, "{}"),
        ("/v1/things/a", '{"lines":[{"sku":"' + VISA + '"}]}'),
        ("/v1/things/a", '{"lines":[{"sku":"a","amount":' + VISA + "}]}"),
        ("/v1/things/a", '{"lines":[{"sku":"a","note":"' + EAN + '"}]}'),
    ],
)
async def test_identifiers_amounts_and_article_numbers_pass(taker: Taker, path: str, body: str) -> None:
    assert (await taker.post(path, body))[0] == 204
    assert taker.taken == [body.encode()]


async def test_a_header_is_refused_and_cookies_of_others_are_not(taker: Taker) -> None:
    status, problem = await taker.post("/v1/things/a", "{}", **{"x-note": VISA})
    assert (status, problem["field"]) == (422, "x-note")
    assert (await taker.post("/v1/things/a", "{}", cookie=f"ad={VISA}"))[0] == 204


async def test_without_declarations_nothing_is_exempt() -> None:
    guard = CardGuard()
    scope: Any = {"type": "http", "method": "POST", "path": "/x", "headers": [], "query_string": b""}
    with pytest.raises(CardNumberRefused):
        await guard.check(scope, b'{"sku":"' + VISA.encode() + b'"}')


async def test_a_number_that_comes_in_pieces_is_refused_on_a_connection(taker: Taker) -> None:
    body = b'{"lines":[{"sku":"a","note":"' + VISA.encode() + b'"}]}'
    head = b"POST /v1/things/a HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    length = b"content-length: %d\r\n\r\n" % len(body)
    chunks = b"transfer-encoding: chunked\r\n\r\n" + b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    pieces = [
        [head + length + body],
        [head + length + body[:37], body[37:]],
        [head + length, body],
        [head + b"x-card: 42424242", VISA[8:].encode() + b"\r\n" + length + b"x" * len(body)],
        [head + chunks],
        [head[:20], head[20:] + length + body],
    ]
    async with serving(taker.edge) as (port, _):
        for sent in pieces:
            assert b" 422 " in await _first_line(port, sent), sent
        assert b" 204 " in await _first_line(port, [head + b"content-length: 2\r\n\r\n{}"])
    assert taker.taken == [b"{}"]


async def _first_line(port: int, pieces: list[bytes]) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.02)
    line = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    return line


async def test_a_large_body_gives_way_to_other_tasks() -> None:
    body = json.dumps([{"ean": EAN, "text": "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2 1 " * 10}] * 3_000).encode()
    assert len(body) > 1_000_000
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    try:
        await check_body(body, "application/json", CardRules(method="", path=""))
    finally:
        task.cancel()
    assert turns > 20
