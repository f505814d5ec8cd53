"""``/openapi.json`` and a browsable ``/docs`` (Swagger UI, from our own files)."""

import importlib.resources
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from renga.kernel.errors import NotFound
from renga.platform.http.gate import OPEN
from renga.platform.http.health import TAGS
from renga.platform.http.openapi_handlers import kept_answers
from renga.platform.http.requests import AnyRequest
from renga.platform.http.tagged import tagged

_FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "start.js": "text/javascript",
}
#: Swagger UI sets styles from its script; the rest of the shop's policy stays.
_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Renga API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><p><a href="/docs/events">Events</a></p><main id="docs"></main>
<noscript>This page needs JavaScript; the description itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""


def routes(document: Callable[[], dict[str, Any]]) -> list[Any]:
    """The endpoints of the document; ``document`` is called once, at the first request."""
    encoded: list[bytes] = []

    @get(
        "/openapi.json",
        operation_id="readOpenapi",
        summary="This OpenAPI document",
        tags=TAGS,
        media_type="application/json",
        opt=OPEN | kept_answers(),
        responses={200: ResponseSpec(dict[str, Any], description="An OpenAPI 3.1 document.", generate_examples=False)},
    )
    async def openapi(request: AnyRequest) -> Response[bytes]:
        if not encoded:
            encoded.append(msgspec.json.encode(document()))
        return tagged(request, encoded[0], "application/json")

    @get("/docs", include_in_schema=False, opt=OPEN)
    async def docs() -> Response[str]:
        return Response(_PAGE, media_type="text/html", headers={"content-security-policy": _POLICY})

    @get("/docs/{name:str}", include_in_schema=False, opt=OPEN)
    async def file(name: FromPath[str]) -> Response[bytes]:
        if name not in _FILES:
            raise NotFound("there is no such file")
        body = (importlib.resources.files("renga.platform.http") / "static" / "swagger-ui" / name).read_bytes()
        return Response(body, media_type=_FILES[name], headers={"cache-control": "public, max-age=86400"})

    return [openapi, docs, file]
