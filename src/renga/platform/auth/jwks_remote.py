"""A key set at an address: fetched with a deadline and a size limit, over TLS except from loopback."""

from typing import Any

import httpx
import msgspec

from renga.kernel.errors import Unavailable

FETCH_TIMEOUT_S = 3.0
DOCUMENT_BYTES_MAX = 131_072


async def fetch_json(client: httpx.AsyncClient, url: str, **options: Any) -> dict[str, Any]:
    """A JSON object from an address, redirects refused. Raises Unavailable."""
    try:
        async with client.stream("GET", url, follow_redirects=False, timeout=FETCH_TIMEOUT_S, **options) as response:
            if response.status_code != 200:
                raise Unavailable(f"{url} answered {response.status_code}")
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > DOCUMENT_BYTES_MAX:
                    raise Unavailable(f"{url} answered more than {DOCUMENT_BYTES_MAX} bytes")
        return msgspec.json.decode(bytes(body), type=dict[str, Any])
    except (httpx.HTTPError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unavailable(f"{url} could not be read: {error or type(error).__name__}") from error
