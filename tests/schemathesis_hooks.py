"""Loaded by schemathesis in its own venv (``make proof-api``): how lines of JSON are sent."""

import json
from typing import Any

import schemathesis  # type: ignore[import-not-found]  # only in the venv of ``make proof-api``


@schemathesis.serializer("application/x-ndjson")  # type: ignore[untyped-decorator]  # as above
def as_lines(context: Any, value: Any) -> bytes:
    """A text as it is; a line for each of a list; else one line."""
    if isinstance(value, str):
        return value.encode(errors="surrogatepass")
    if isinstance(value, bytes):
        return value
    rows = value if isinstance(value, list) else [value]
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)
