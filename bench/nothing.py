"""The do-nothing handler: a bare ASGI application on uvicorn as the shop has it. ``python -m bench.nothing PORT``."""

import sys
from typing import Any

import uvicorn

from renga.platform.running import run_until_signal
from renga.serve import BACKLOG

BODY = b'{"version":7}'
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Read the request, answer a fixed body."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        continue
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": BODY})


def main(port: int) -> None:
    """Serve until SIGINT or SIGTERM, as ``renga.serve`` sets uvicorn up."""
    config = uvicorn.Config(
        application, host="127.0.0.1", port=port, loop="none", http="httptools", access_log=False, log_config=None,
        lifespan="off", server_header=False, proxy_headers=False, backlog=BACKLOG,
    )  # fmt: skip
    run_until_signal(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main(int(sys.argv[1]))
