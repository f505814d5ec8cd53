"""The HTTP client of the ``stripe`` package, over an httpx client of our own: our limits, and no request is sent twice."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import stripe


class HttpxForStripe(stripe.HTTPClient):
    """``deadline_s`` is for the whole request: httpx counts each read anew."""

    name = "httpx"

    def __init__(self, client: httpx.AsyncClient, *, deadline_s: float) -> None:
        super().__init__()
        self._client, self._deadline_s = client, deadline_s

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            async with asyncio.timeout(self._deadline_s):
                answer = await self._client.request(method, url, headers=dict(headers), content=post_data or b"")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            lost = stripe.APIConnectionError(f"{type(error).__name__}: {error}")  # type: ignore[no-untyped-call]
            raise lost from error
        return answer.content, answer.status_code, answer.headers

    async def sleep_async(self, secs: float) -> None:
        await asyncio.sleep(secs)

    async def close_async(self) -> None:
        await self._client.aclose()
