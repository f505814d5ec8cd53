"""Clients of one domain's routes, each with a credential: behind the gate, without an identity that knows them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from joserfc.jwk import KeySet
from litestar import Litestar

from renga.kernel.clock import SystemClock
from renga.platform.auth.access import check
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.principal import Principal
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.face import Face
from renga.platform.http.gate import Gate
from renga.platform.http.lean import LeanTable
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.ratelimit.classes import RequestLimits

BODY_MAX_BYTES = 100_000


class FaceClients:
    """A client of each caller."""

    def __init__(self, face: Face) -> None:
        gate = Gate(Authenticator(TokenVerifier(KeySet([]), issuer="renga", clock=SystemClock())))
        app = Litestar(list(face.routes), exception_handlers=EXCEPTION_HANDLERS)
        self._app = LeanTable(app, face.operations, body_max_bytes=BODY_MAX_BYTES, gate=gate)
        self._opened: list[httpx.AsyncClient] = []

    def as_(self, principal: Principal | None) -> httpx.AsyncClient:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await self._app({**scope, "renga_principal": principal, "renga_client": "::1"}, receive, send)  # type: ignore[arg-type]

        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop")
        self._opened.append(client)
        return client

    async def close(self) -> None:
        for client in self._opened:
            await client.aclose()


@asynccontextmanager
async def clients_of(face: Face, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FaceClients]:
    """The gate would ask for credentials; here the scope already has who calls."""

    async def enter(self: Gate, scope: Any, access: Any, rate: str) -> None:
        check(access, scope["renga_principal"])

    async def around_read(self: Gate, scope: Any, access: Any, rate: str, read: Any) -> Any:
        check(access, scope["renga_principal"])
        return await read()

    monkeypatch.setattr(Gate, "enter", enter)
    monkeypatch.setattr(Gate, "around_read", around_read)
    monkeypatch.setattr("renga.platform.http.lean.check_header_token", lambda scope: None)
    monkeypatch.setattr(RequestLimits, "knows", lambda self, name: True)
    opened = FaceClients(face)
    yield opened
    await opened.close()
