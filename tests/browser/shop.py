"""The storefront on a port of its own, with the contracts in memory, for tests in a browser."""

import asyncio
import socket
import threading
from collections.abc import Callable

import uvicorn
from litestar import Litestar
from litestar.static_files import create_static_files_router

from renga.frontends.web.storefront import routes
from renga.kernel.clock import SystemClock
from renga.platform.settings import PlatformSettings
from tests.catalog.fake import DEMO, FakeCatalog
from tests.search.fake import FakeSearch
from tests.support import eventually
from tests.web.fakes import FakeCarts
from tests.web.identity_house import House


class RunningShop:
    """The demo shop in a thread; ``catalog`` and ``carts`` are the fakes behind it, to look into and to change.

    ``house_of`` makes the accounts of the shop at an address; without it there are none.
    """

    def __init__(self, house_of: Callable[[str], House] | None = None) -> None:
        self.catalog = FakeCatalog.demo()
        self.carts = FakeCarts(self.catalog, SystemClock())
        self.search = FakeSearch(self.catalog)
        self._socket = socket.create_server(("127.0.0.1", 0))
        # a passkey wants a name, and browsers trust localhost without https
        name = "localhost" if house_of else "127.0.0.1"
        self.url = f"http://{name}:{self._socket.getsockname()[1]}"
        house = house_of(self.url) if house_of else None
        pictures = create_static_files_router("/media/demo", [DEMO / "pictures"])
        settings = PlatformSettings(public_url=self.url)
        pages = routes(
            self.catalog, self.carts, settings=settings, identity=house.pages() if house else None, search=self.search
        )
        app = Litestar([*pages, pictures], openapi_config=None)
        config = uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=2)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    async def start(self) -> None:
        self._thread.start()

        async def started() -> bool:
            return self._server.started

        await eventually(started)

    async def stop(self) -> None:
        self._server.should_exit = True
        await asyncio.to_thread(self._thread.join, 10)
        self._socket.close()
        assert not self._thread.is_alive()

    def quantities(self) -> dict[str, int]:
        """All skus in all carts with their quantities."""
        return {line.sku: line.quantity for cart in self.carts.carts.values() for line in cart.lines}
