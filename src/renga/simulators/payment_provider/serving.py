"""Runs the provider: opens its file, listens, says that it is ready, and stops with the open requests answered."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from renga.kernel.errors import Conflict
from renga.platform.running import settle_memory
from renga.platform.settings import PlatformSettings, SettingsInvalid, secret_of
from renga.simulators.payment_provider.application import ProviderApplication
from renga.simulators.payment_provider.delivery import TIMEOUT_S, Delivery
from renga.simulators.payment_provider.desk import ProviderDesk
from renga.simulators.payment_provider.places import address_of, check_address, chosen_port, folder_of
from renga.simulators.payment_provider.posting import Poster
from renga.simulators.payment_provider.secrets_of import secrets_of
from renga.simulators.payment_provider.settings import SimulatedProviderSettings
from renga.simulators.payment_provider.storage.database import ProviderDatabase

BACKLOG = 1_024
HEAD_BYTES_MAX = 65_536
CONNECTIONS_MAX = 1_000
#: The address is part of every dynamic Pix code, which has room for 77 characters.
HOST_CHARS_MAX = 45


class ProviderPortTaken(Conflict):
    code = "provider_port_taken"
    title = "The payment provider's port is taken"


class _BoundedHead(HttpToolsProtocol):
    """A request whose head never ends is not kept in memory."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0

    def data_received(self, data: bytes) -> None:
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
            self.transport.close()

    def on_headers_complete(self) -> None:
        self._head_bytes = -(2**62)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._head_bytes = 0


async def serve_provider(
    settings: SimulatedProviderSettings, platform: PlatformSettings, on_ready: Callable[[str], None]
) -> None:
    """Until cancelled. Raises SettingsInvalid, ProviderPortTaken, ProviderFileInUse."""
    check_address(settings)
    folder = folder_of(settings, platform)
    port = chosen_port(settings, platform.port, folder)
    listening = _bound(settings.host, port)
    base = address_of(settings, port)
    if len(base.partition("://")[2]) > HOST_CHARS_MAX:
        raise SettingsInvalid(f"provider.public_url: at most {HOST_CHARS_MAX} characters after ://, for Pix codes")
    database = ProviderDatabase(folder)
    try:
        desk = ProviderDesk(database, settings, secrets_of(settings, secret_of(platform)), base)
        delivery = Delivery(desk, Poster(TIMEOUT_S))
        server = _Server(_config(ProviderApplication(desk, delivery)))
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(delivery.run())
            try:
                await server.run(listening, lambda: on_ready(base))
            finally:
                sending.cancel()
    finally:
        database.close()
        listening.close()


def _bound(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ProviderPortTaken(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return listening


def _config(app: ProviderApplication) -> uvicorn.Config:
    return uvicorn.Config(
        app, loop="none", http=_BoundedHead, ws="none", lifespan="off", access_log=False, log_config=None, server_header=False,
        proxy_headers=False, backlog=BACKLOG, limit_concurrency=CONNECTIONS_MAX, timeout_graceful_shutdown=2, interface="asgi3",
    )  # fmt: skip


class _Server(uvicorn.Server):
    """uvicorn's server without its signal handling: the caller of ``serve_provider`` cancels it."""

    async def run(self, listening: socket.socket, ready: Callable[[], None]) -> None:  # type: ignore[override] # async on purpose
        serving = asyncio.create_task(self.serve([listening]))
        try:
            while not self.started and not serving.done():  # noqa: ASYNC110 # uvicorn only sets a flag
                await asyncio.sleep(0.005)
            settle_memory()
            if not serving.done():
                ready()
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self.should_exit = True
            await serving
            raise

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def] # uvicorn's own signature is untyped here
        yield


def say_ready(url: str) -> None:
    """One line, on stderr."""
    print(f"TEST payment provider on {url}: no real money moves here", file=sys.stderr, flush=True)
