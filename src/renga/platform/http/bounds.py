"""How much a request may say before its body: whatever reads headers, cookies and queries works for a bounded time.

The HTTP server has bounds of its own; these hold behind every server.
"""

from typing import Any

from litestar.types import Receive, Scope, Send

from renga.kernel.errors import TooLarge
from renga.platform.http.problems import CONTENT_TYPE, STATUS, document

#: Fields of the head, bytes of one field (name and value), and of all together.
HEADERS_MAX, HEADER_BYTES_MAX, HEADERS_BYTES_MAX = 100, 8_192, 32_768
#: Of path and query as they were sent.
TARGET_BYTES_MAX = 16_384


class HeadersTooLarge(TooLarge):
    """The request has too many headers or too long ones (cookies are one); nothing was done."""

    code = "headers_too_large"
    title = "The headers are too many or too long"


class TargetTooLong(TooLarge):
    """The address with its query is too long; nothing was done."""

    code = "target_too_long"
    title = "The address is too long"


STATUS[HeadersTooLarge] = 431
STATUS[TargetTooLong] = 414


def excess(scope: Any) -> TooLarge | None:
    """What of the head is over a bound."""
    if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > TARGET_BYTES_MAX:
        return TargetTooLong(f"an address has at most {TARGET_BYTES_MAX} bytes", limit=TARGET_BYTES_MAX)
    headers = scope["headers"]
    if len(headers) > HEADERS_MAX:
        return HeadersTooLarge(f"a request has at most {HEADERS_MAX} headers", limit=HEADERS_MAX)
    whole = 0
    for name, value in headers:
        size = len(name) + len(value)
        whole += size
        if size > HEADER_BYTES_MAX:
            return HeadersTooLarge(f"a header has at most {HEADER_BYTES_MAX} bytes", limit=HEADER_BYTES_MAX)
    if whole > HEADERS_BYTES_MAX:
        return HeadersTooLarge(f"all headers have at most {HEADERS_BYTES_MAX} bytes", limit=HEADERS_BYTES_MAX)
    return None


def refusing(error: TooLarge) -> Any:
    """An application that answers with this error, whatever it is asked."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        status, body, headers = document(error, str(scope.get("renga_request_id", "")))
        headers += [(b"content-type", CONTENT_TYPE.encode()), (b"content-length", b"%d" % len(body))]
        headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    return app
