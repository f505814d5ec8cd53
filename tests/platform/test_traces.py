"""One span per request, named by its route, a child of the caller's, failed when the answer failed."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import KeySet
from litestar import Litestar
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from renga.kernel.clock import SystemClock
from renga.kernel.errors import Unavailable
from renga.platform.auth.access import PUBLIC
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.edge import Edge
from renga.platform.http.gate import Gate
from renga.platform.http.lean import Answer, Call, LeanTable, Operation
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.telemetry.traces import Traces, finish

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


async def _thing(call: Call) -> Answer:
    if call.parameters["thing"] == "away":
        raise Unavailable("away")
    return Answer(200, b"{}")


class Room:
    """An application behind a traced edge; ``spans`` flushes and gives what was recorded."""

    def __init__(self) -> None:
        thing = Operation(
            method="GET", path="/v9/things/{thing}", handler=_thing, id="t", summary="t", tag="t",
            access=PUBLIC, rate="read",
        )  # fmt: skip
        gate = Gate(Authenticator(TokenVerifier(KeySet([]), issuer="renga", clock=SystemClock())))
        app = Litestar(
            [],
            exception_handlers=EXCEPTION_HANDLERS,
            openapi_config=None,
            logging_config=None,
        )
        self.exporter = InMemorySpanExporter()
        self.traces = Traces(self.exporter)
        edge: Any = Edge(
            app,
            https=False,
            lean=LeanTable(app, [thing], body_max_bytes=10, gate=gate),
            traces=self.traces,
            finish_span=finish,
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://x")

    def spans(self) -> tuple[ReadableSpan, ...]:
        self.traces.close()
        return self.exporter.get_finished_spans()


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    opened = Room()
    yield opened
    await opened.client.aclose()
    opened.traces.close()


async def test_a_span_is_named_by_the_route_and_not_by_the_path(room: Room) -> None:
    await room.client.get("/v9/things/7f3a")
    (span,) = room.spans()
    assert (span.name, span.kind) == ("GET /v9/things/{thing}", SpanKind.SERVER)
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/v9/things/{thing}",
        "http.response.status_code": 200,
    }
    assert (span.status.status_code, span.parent) == (StatusCode.UNSET, None)
    assert span.resource.attributes["service.name"] == "renga"


async def test_a_span_is_a_child_of_the_callers(room: Room) -> None:
    await room.client.get("/v9/things/a", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
    (span,) = room.spans()
    assert span.context is not None
    assert span.parent is not None
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == (TRACE, PARENT)
    assert span.parent.is_remote


@pytest.mark.parametrize("hostile", ["", "garbage", f"00-{'0' * 32}-{PARENT}-01", f"ff-{TRACE}-{PARENT}-01"])
async def test_a_parent_that_makes_no_sense_is_ignored(room: Room, hostile: str) -> None:
    assert (await room.client.get("/v9/things/a", headers={"traceparent": hostile})).status_code == 200
    (span,) = room.spans()
    assert span.parent is None


async def test_an_answer_of_ours_that_failed_is_a_failed_span_and_a_callers_mistake_is_not(room: Room) -> None:
    await room.client.get("/v9/things/away")
    await room.client.get("/nowhere")
    failed, missing = room.spans()
    assert (failed.name, failed.status.status_code) == ("GET /v9/things/{thing}", StatusCode.ERROR)
    assert (missing.name, missing.status.status_code) == ("GET other", StatusCode.UNSET)
