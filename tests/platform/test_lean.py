"""Lean operations: routes, bodies and errors of a bare ASGI handler, in a Litestar application of its own."""

from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
from joserfc.jwk import KeySet
from litestar import Litestar, get

from renga.kernel.clock import SystemClock
from renga.kernel.errors import Conflict, Unavailable
from renga.platform.auth.access import PUBLIC
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.gate import Gate
from renga.platform.http.lean import Answer, Call, LeanTable, Operation
from renga.platform.http.problems import EXCEPTION_HANDLERS


class Body(msgspec.Struct, forbid_unknown_fields=True):
    name: str


_decoder = msgspec.json.Decoder(Body)
JSON = {"content-type": "application/json"}


async def _show(call: Call) -> Answer:
    return Answer(200, msgspec.json.encode({"ids": call.parameters, "client": call.client}), [(b"x-seen", b"yes")])


async def _make(call: Call) -> Answer:
    return Answer(201, msgspec.json.encode({"name": call.decode(_decoder).name}))


async def _nothing(call: Call) -> Answer:
    return Answer(204)


async def _conflict(call: Call) -> Answer:
    raise Conflict("taken", by="ana")


async def _away(call: Call) -> Answer:
    raise Unavailable("the engine is away", retry_after_s=7)


async def _broken(call: Call) -> Answer:
    raise KeyError("a secret detail")


def operation(method: str, path: str, handler: object) -> Operation:
    return Operation(
        method=method, path=path, handler=handler, access=PUBLIC, rate="read", id=f"{method}{path}", summary="x", tag="x"  # type: ignore[arg-type] # a Handler
    )  # fmt: skip


NOBODY = Authenticator(TokenVerifier(KeySet([]), issuer="renga", clock=SystemClock()))


OPERATIONS = [
    operation("POST", "/v9/things", _make),
    operation("GET", "/v9/things/{thing}", _show),
    operation("DELETE", "/v9/things/{thing}", _nothing),
    operation("GET", "/v9/things/{thing}/parts/{part}", _show),
    operation("POST", "/v9/things/{thing}/conflict", _conflict),
    operation("POST", "/v9/things/{thing}/away", _away),
    operation("POST", "/v9/things/{thing}/broken", _broken),
]


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    @get("/v9/other")
    async def other() -> str:
        return "other"

    app = Litestar(
        [other],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    table = LeanTable(app, OPERATIONS, body_max_bytes=64, gate=Gate(NOBODY))
    transport = httpx.ASGITransport(table, client=("10.0.0.9", 1))  # type: ignore[arg-type]  # Litestar types its scopes more narrowly
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as opened:
        yield opened


async def test_a_path_is_taken_apart_into_its_parameters(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v9/things/seven/parts/a%20b")
    assert answer.json() == {"ids": {"thing": "seven", "part": "a b"}, "client": "10.0.0.9"}
    assert (answer.headers["content-type"], answer.headers["x-seen"]) == ("application/json", "yes")
    assert answer.headers["content-length"] == str(len(answer.content))


async def test_a_parameter_that_an_operation_does_not_take_is_refused_by_name(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v9/things/seven?langauge=pt")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")
    assert answer.json()["parameter"] == "langauge"


@pytest.mark.parametrize("path", ["/v9/things/seven", "/v9/things/seven/"])
async def test_a_slash_at_the_end_makes_no_difference(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).json()["ids"] == {"thing": "seven"}


async def test_a_body_is_read_whole_however_it_comes(client: httpx.AsyncClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for part in (b'{"na', b'me":"', b"", b'Ana"}'):
            yield part

    for content in (b'{"name":"Ana"}', parts()):
        answer = await client.post("/v9/things", content=content, headers=JSON)
        assert (answer.status_code, answer.json()) == (201, {"name": "Ana"})


async def test_an_answer_without_a_body_has_no_content_type(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/v9/things/seven")
    assert (answer.status_code, answer.content, dict(answer.headers)) == (204, b"", {})


async def test_the_body_may_be_as_large_as_the_limit_and_no_larger(client: httpx.AsyncClient) -> None:
    async def parts(body: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(body), 10):
            yield body[start : start + 10]

    fits, not_quite = (b'{"name":"' + b"x" * n + b'"}' for n in (53, 54))
    for body, status in ((fits, 201), (not_quite, 413)):
        assert (await client.post("/v9/things", content=body, headers=JSON)).status_code == status
        assert (await client.post("/v9/things", content=parts(body), headers=JSON)).status_code == status
    refused = (await client.post("/v9/things", content=not_quite, headers=JSON)).json()
    assert (refused["code"], refused["limit"]) == ("too_large", 64)


async def test_an_error_of_ours_becomes_its_problem_document(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v9/things/seven/conflict")
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert answer.json() == {
        "type": "/problems/conflict",
        "title": "Not possible in the present state",
        "status": 409,
        "detail": "taken",
        "code": "conflict",
        "by": "ana",
    }


async def test_an_engine_that_is_away_says_when_to_try_again(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v9/things/seven/away")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")


async def test_an_error_that_nobody_foresaw_tells_a_stranger_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v9/things/seven/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret detail" not in answer.text


async def test_what_is_not_an_operation_is_404_or_405_and_other_routes_stay(client: httpx.AsyncClient) -> None:
    missing = await client.get("/v9/things/seven/parts")
    assert (missing.status_code, missing.json()["code"]) == (404, "route_not_found")
    wrong = await client.put("/v9/things/seven")
    assert (wrong.status_code, wrong.json()["code"], wrong.headers["allow"]) == (
        405,
        "method_not_allowed",
        "DELETE, GET, HEAD, OPTIONS",
    )
    assert (await client.get("/v9/other")).text == "other"


async def test_options_of_an_address_name_its_methods_and_are_no_operation(client: httpx.AsyncClient) -> None:
    told = await client.options("/v9/things/seven")
    assert (told.status_code, told.content, told.headers["allow"]) == (204, b"", "DELETE, GET, HEAD, OPTIONS")
    assert (await client.options("/v9/things?x=1")).json()["code"] == "unknown_parameter"
    assert (await client.options("/v9/nothing")).status_code == 404


async def test_a_validation_error_names_the_member(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v9/things", json={"name": 7})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert (answer.json()["field"], answer.json()["detail"][-12:]) == ("name", " - at `name`")
