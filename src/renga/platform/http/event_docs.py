"""``/asyncapi.json`` and ``/docs/events``: the shop's events, for programs and for people."""

import importlib.resources
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from litestar import Response, get

from renga.platform.asyncapi.page import render
from renga.platform.http.gate import OPEN
from renga.platform.http.requests import AnyRequest
from renga.platform.http.tagged import tagged

STYLE = "/docs/events.css"
_POLICY = "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'"


def routes(document: Callable[[], dict[str, Any]]) -> list[Any]:
    """The handlers; ``document`` is called once, at the first request."""
    described = cache(document)
    encoded = cache(lambda: msgspec.json.encode(described()))
    page = cache(lambda: render(described(), style=STYLE).encode())

    @get("/asyncapi.json", include_in_schema=False, opt=OPEN)
    async def asyncapi(request: AnyRequest) -> Response[bytes]:
        return tagged(request, encoded(), "application/json")

    @get("/docs/events", include_in_schema=False, opt=OPEN)
    async def events(request: AnyRequest) -> Response[bytes]:
        return tagged(request, page(), "text/html", {"content-security-policy": _POLICY})

    @get(STYLE, include_in_schema=False, opt=OPEN)
    async def style() -> Response[bytes]:
        body = (importlib.resources.files("renga.platform.http") / "static" / "events.css").read_bytes()
        return Response(body, media_type="text/css", headers={"cache-control": "public, max-age=86400"})

    return [asyncapi, events, style]
