"""Loaded by schemathesis in its own venv (``make proof-api``): how lines of JSON are sent, and with whose token."""

import json
import os
import subprocess
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


#: A token is made anew before its login counts as an old one (15 minutes).
TOKEN_S = 300
#: The command that makes it, as JSON; none for a guest.
TOKEN_COMMAND = json.loads(os.environ.get("PROOF_TOKEN_COMMAND", "[]"))

if TOKEN_COMMAND:

    @schemathesis.auth(refresh_interval=TOKEN_S)
    class FreshLogin:
        """The stakeholder's token, always of a login just now."""

        def get(self, case: Any, context: Any) -> str:
            return subprocess.run(TOKEN_COMMAND, check=True, capture_output=True, text=True).stdout.strip()

        def set(self, case: Any, data: str, context: Any) -> None:
            case.headers["Authorization"] = f"Bearer {data}"
