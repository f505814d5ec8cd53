"""CORS (Fetch standard): which pages of other origins may read our answers."""

from collections.abc import Sequence
from typing import Any

from litestar.config.cors import CORSConfig

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
REQUEST_HEADERS = [
    *("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Prefer"),
    *("X-API-Key", "DPoP"),
]
ANSWER_HEADERS = [
    *("ETag", "Location", "Idempotency-Replayed", "Preference-Applied", "Retry-After", "X-Request-Id"),
    *("RateLimit", "RateLimit-Policy", "WWW-Authenticate"),
]
PREFLIGHT_MAX_AGE_S = 600

Headers = list[tuple[bytes, bytes]]


class Cors:
    """``origins`` may call the API from a browser; ``*``: any may, without credentials.

    ``config`` is for Litestar, which also answers preflights; lean operations take ``headers``.
    """

    def __init__(self, origins: Sequence[str]) -> None:
        self.config = CORSConfig(
            allow_origins=list(origins),
            allow_methods=METHODS,  # type: ignore[arg-type]  # its own literals of these
            allow_headers=REQUEST_HEADERS,
            expose_headers=ANSWER_HEADERS,
            max_age=PREFLIGHT_MAX_AGE_S,
        )
        self._always = _encoded(self.config.simple_headers)

    def headers(self, scope: Any) -> Headers:
        """What an answer to this request has more; nothing for one that names no origin."""
        origin = origin_of(scope)
        if origin is None:
            return []
        if self.config.is_allow_all_origins or not self.config.is_origin_allowed(origin.decode("latin-1")):
            return self._always
        return [*self._always, (b"access-control-allow-origin", origin), (b"vary", b"Origin")]


def origin_of(scope: Any) -> bytes | None:
    """Where the page is that asks, if the browser says so."""
    return next((value for name, value in scope["headers"] if name == b"origin"), None)


def _encoded(headers: Any) -> Headers:
    return [(name.lower().encode(), str(value).encode()) for name, value in headers.items()]
