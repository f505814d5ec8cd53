"""Names in a path arrive as they are meant, whatever is in them, on lean operations and on Litestar's handlers."""

from typing import Any
from urllib.parse import quote, unquote

import msgspec
import pytest
from litestar import Litestar, Response, get
from litestar.params import FromPath

from renga.platform.auth.access import PUBLIC
from renga.platform.http.edge import Edge
from renga.platform.http.gate import Gate
from renga.platform.http.lean import Answer, Call, LeanTable, Operation
from renga.platform.http.problems import EXCEPTION_HANDLERS
from tests.architecture.test_access import _nobody

NAMES = ["a/b", "a%b", "a%2Fb", "ü b", "a//b", "/", "a/", "..", "../b", "a?b#c", "a+b", "ÿ/%/ü"]  # fmt: skip


@get("/v1/named/{sku:str}/{currency:str}", opt={"access": PUBLIC})
async def handled(sku: FromPath[str], currency: FromPath[str]) -> list[str]:
    return [sku, currency]


@get("/elsewhere/{name:str}", opt={"access": PUBLIC})
async def elsewhere(name: FromPath[str]) -> Response[str]:
    return Response(name)


async def answered(call: Call) -> Answer:
    return Answer(200, msgspec.json.encode([call.parameters["sku"], call.parameters["currency"]]))


def _app() -> Any:
    gate = Gate(_nobody())
    operation = Operation(
        method="GET", path="/v1/lean/{sku}/{currency}", handler=answered, access=PUBLIC, rate="read", id="x", summary="",
        tag="",
    )  # fmt: skip
    app = Litestar(
        [gate.behind([handled, elsewhere])],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    return Edge(app, https=False, lean=LeanTable(app, [operation], body_max_bytes=64, gate=gate))


async def _get(raw: str, query: bytes = b"") -> tuple[int, bytes]:
    """As a server hands it over: the path decoded, and as it was sent (clients take ``..`` apart by themselves)."""
    sent: list[Any] = []
    scope = {
        "type": "http", "method": "GET", "path": unquote(raw), "raw_path": raw.encode("ascii"), "query_string": query,
        "headers": [(b"host", b"shop.test")], "client": ("192.0.2.1", 1), "server": ("shop.test", 80), "scheme": "http",
        "http_version": "1.1", "asgi": {"version": "3.0"}, "state": {},
    }  # fmt: skip

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await _app()(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize("face", ["named", "lean"])
@pytest.mark.parametrize("name", NAMES)
async def test_a_name_arrives_as_it_is(face: str, name: str) -> None:
    status, body = await _get(f"/v1/{face}/{quote(name, safe='')}/BRL")
    assert (status, msgspec.json.decode(body)) == (200, [name, "BRL"])


@pytest.mark.parametrize("face", ["named", "lean"])
async def test_a_small_letter_in_the_code_is_the_same(face: str) -> None:
    assert await _get(f"/v1/{face}/a%2fb/BRL") == (200, b'["a/b","BRL"]')


@pytest.mark.parametrize("face", ["named", "lean"])
async def test_a_slash_that_is_not_encoded_is_a_border(face: str) -> None:
    status, body = await _get(f"/v1/{face}/a/b/BRL")
    assert status == 404
    assert b"route_not_found" in body


@pytest.mark.parametrize("face", ["named", "lean"])
async def test_a_border_that_is_encoded_leads_nowhere(face: str) -> None:
    assert (await _get(f"/v1/{face}%2Fa/BRL"))[0] == 404


async def test_outside_of_the_api_paths_are_as_the_server_decoded_them() -> None:
    assert (await _get("/elsewhere/a%2Fb"))[0] == 404
    assert await _get("/elsewhere/a%25b") == (200, b"a%b")
