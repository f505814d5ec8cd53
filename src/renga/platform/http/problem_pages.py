"""``/problems/{code}``: the target of a problem document's ``type``, as a page or as JSON (RFC 9457 §3.1.1)."""

from html import escape
from typing import Any

import msgspec
from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from renga.kernel.errors import NotFound, RengaError
from renga.platform.http.gate import OPEN
from renga.platform.http.health import TAGS
from renga.platform.http.openapi_handlers import answers_pages
from renga.platform.http.problems import problems, status_of
from renga.platform.http.requests import AnyRequest

_POLICY = "default-src 'none'; frame-ancestors 'none'"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>{title}</h1><p>{meaning}</p>
<dl><dt>Code</dt><dd><code>{code}</code></dd><dt>HTTP status</dt><dd>{status}</dd></dl></main></body></html>
"""


class ProblemType(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of problem: its stable code, title, meaning and HTTP status."""

    code: str
    title: str
    meaning: str
    status: int


def known() -> dict[str, ProblemType]:
    """Every problem of the running program, by code; of classes with the same code the base class counts."""
    found: dict[str, ProblemType] = {}
    waiting: list[type[RengaError]] = [RengaError]
    for error in waiting:
        waiting += error.__subclasses__()
        meaning = " ".join((error.__doc__ or "").replace("``", "").split()) if error is not RengaError else ""
        described = ProblemType(
            code=error.code, title=error.title, meaning=meaning or f"{error.title}.", status=status_of(error)
        )
        found.setdefault(error.code, described)
    return found


def routes() -> list[Any]:
    """The handler of ``/problems/{code}``."""

    @get(
        "/problems/{code:str}",
        operation_id="readProblemType",
        summary="The meaning of a problem code",
        tags=TAGS,
        opt=OPEN | answers_pages(),
        responses={
            200: ResponseSpec(
                ProblemType, description="JSON, or an HTML page if the client accepts HTML.", generate_examples=False
            ),
            **problems(NotFound),
        },
    )
    async def problem(request: AnyRequest, code: FromPath[str]) -> Response[bytes]:
        described = known().get(code)
        if described is None:
            raise NotFound("there is no such kind of problem")
        headers = {"vary": "Accept", "content-security-policy": _POLICY}
        if request.accept.best_match(["text/html", "application/json"]) == "application/json":
            return Response(msgspec.json.encode(described), media_type="application/json", headers=headers)
        texts = {name: escape(str(value)) for name, value in msgspec.structs.asdict(described).items()}
        return Response(_PAGE.format(**texts).encode(), media_type="text/html", headers=headers)

    return [problem]
