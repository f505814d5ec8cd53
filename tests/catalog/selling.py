"""Shared by the tests of the management API: a client for each caller, on an application without the edge."""

import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar

from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.rest.api import routes
from renga.platform.auth.principal import Principal
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.media.folder import FolderMedia
from renga.platform.media.library import MediaLibrary
from renga.platform.media.pictures import Pictures

SHOP_URL = "https://shop.example"
POTTERY, BAKERY = "0195f000-0000-7000-8000-000000000001", "0195f000-0000-7000-8000-000000000002"
WRITE, MANAGE = "catalog:write", "catalog:manage"

#: A merchant's member, one of two merchants, the shop's administrator, a service's own token, somebody of no merchant.
POTTER = Principal(subject="potter", scopes=frozenset({WRITE}), kind="session", merchants=frozenset({POTTERY}))
BAKER = Principal(subject="baker", scopes=frozenset({WRITE}), kind="session", merchants=frozenset({BAKERY}))
BOTH = Principal(subject="both", scopes=frozenset({WRITE}), merchants=frozenset({POTTERY, BAKERY}))
ADMIN = Principal(subject="admin", scopes=frozenset({WRITE, MANAGE}), kind="session")
SERVICE = Principal(subject="stock-import", client_id="stock-import", scopes=frozenset({WRITE}))
NOBODY = Principal(subject="nobody", scopes=frozenset({WRITE}))


class Shop:
    """The application; ``as_`` gives a client of a caller."""

    def __init__(self, catalog: CatalogService, folder: Path) -> None:
        self.catalog = catalog
        self.library = MediaLibrary(FolderMedia(folder, lambda: "1"), Pictures())
        self.app = Litestar(
            routes(catalog, self.library, shop_url=SHOP_URL),
            exception_handlers=EXCEPTION_HANDLERS,
            request_max_body_size=1 << 20,
        )
        self._clients: list[httpx.AsyncClient] = []

    def as_(self, principal: Principal | None) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.known(principal))
        client = httpx.AsyncClient(transport=transport, base_url=SHOP_URL)
        self._clients.append(client)
        return client

    def known(self, principal: Principal | None) -> Any:
        """The application for one caller, as if the gate had authenticated them."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await self.app({**scope, "renga_principal": principal}, receive, send)  # type: ignore[arg-type]  # as the edge does

        return app

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()
        await self.library.close()


async def in_pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    """A body that comes bit by bit."""
    for piece in pieces:
        yield piece


def ndjson(*rows: Any) -> bytes:
    """One row per line; bytes are a line as it is."""
    return b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)


def outcomes(answer: httpx.Response) -> list[dict[str, Any]]:
    """The lines of an answer."""
    return [json.loads(line) for line in answer.text.splitlines()]


def brief(lines: Iterable[dict[str, Any]]) -> list[tuple[int, str, str | None]]:
    """Line, status and code of each row."""
    return [(one["line"], one["status"], one.get("code")) for one in lines if "line" in one]
