"""GraphiQL for browsers, served from vendored files."""

import importlib.resources
from functools import lru_cache

#: Pinned third-party builds, unchanged; ``static/graphiql/README.md`` lists them.
_FILES = {
    "react.production.min.js": b"text/javascript; charset=utf-8",
    "react-dom.production.min.js": b"text/javascript; charset=utf-8",
    "graphiql.min.js": b"text/javascript; charset=utf-8",
    "graphiql.min.css": b"text/css; charset=utf-8",
    "start.js": b"text/javascript; charset=utf-8",
}
#: GraphiQL needs inline styles and embedded fonts; the rest of the shop's policy stays.
_POLICY = (
    b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; object-src 'none'; "
    b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Renga GraphQL</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/graphql/graphiql.min.css"></head>
<body style="margin:0"><main id="graphiql" style="height:100vh"></main>
<noscript>This page needs JavaScript; the schema itself is in contracts/schema.graphql.</noscript>
<script nonce="{nonce}" src="/graphql/react.production.min.js"></script>
<script nonce="{nonce}" src="/graphql/react-dom.production.min.js"></script>
<script nonce="{nonce}" src="/graphql/graphiql.min.js"></script>
<script nonce="{nonce}" src="/graphql/start.js"></script></body></html>
"""

Reply = tuple[int, bytes, list[tuple[bytes, bytes]]]


def page(nonce: str) -> Reply:
    body = _PAGE.replace("{nonce}", nonce).encode()
    return 200, body, [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", _POLICY),
        (b"cache-control", b"no-store"),
        (b"vary", b"Accept"),
    ]  # fmt: skip


def file(name: str) -> Reply | None:
    """A file by name, or None."""
    kind = _FILES.get(name)
    if kind is None:
        return None
    return 200, _content(name), [(b"content-type", kind), (b"cache-control", b"public, max-age=86400")]


@lru_cache(maxsize=len(_FILES))
def _content(name: str) -> bytes:
    return (importlib.resources.files("renga.frontends.bff.graphql") / "static" / "graphiql" / name).read_bytes()
