"""The do-nothing handler: a bare ASGI application on uvicorn, configured like the shop's. ``python -m bench.nothing PORT``."""

import sys
from typing import Any

import uvicorn

from renga.apps.serve import server_config
from renga.platform.running import run_until_signal, settle_memory
from renga.platform.settings import PlatformSettings

BODY = b'{"version":7}'
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Read the request, answer a fixed body."""
    if scope["type"] == "lifespan":
        raise RuntimeError("there is nothing to start")  # an application declines the lifespan protocol by raising
    while (await receive()).get("more_body"):
        continue
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": BODY})


def main(port: int) -> None:
    """Serve until SIGINT or SIGTERM, as ``renga.apps.serve`` sets uvicorn up."""
    config = server_config(application, PlatformSettings(port=port))
    settle_memory()
    run_until_signal(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main(int(sys.argv[1]))
