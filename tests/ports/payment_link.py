"""The way to a payment provider, and what can happen on it: answers that get lost, servers that fail, no way at all."""

from dataclasses import dataclass, field
from typing import Literal

import httpx

#: ``before``: the request is lost; ``after``: the provider acts, and the answer is lost; ``500``: it acts and says that it
#: failed; ``garbage``: it acts, and the answer cannot be read.
Fault = Literal["before", "after", "500", "garbage"]


@dataclass
class Link(httpx.AsyncBaseTransport):
    """``fault`` is for the next request that changes something; while ``down`` there is no connection at all."""

    way: httpx.AsyncBaseTransport
    fault: Fault | None = None
    down: bool = False
    changes: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("no way to the provider", request=request)
        if request.method == "GET" or request.url.path.endswith("/token"):
            return await self.way.handle_async_request(request)
        fault, self.fault = self.fault, None
        if fault == "before":
            raise httpx.ReadTimeout("lost", request=request)
        self.changes.append(f"{request.method} {request.url.path}")
        answer = await self.way.handle_async_request(request)
        if fault is None:
            return answer
        await answer.aread()
        if fault == "after":
            raise httpx.ReadTimeout("lost", request=request)
        return httpx.Response(500 if fault == "500" else 200, content=b"\xff<html>")

    async def aclose(self) -> None:
        await self.way.aclose()
