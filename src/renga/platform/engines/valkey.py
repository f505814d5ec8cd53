"""The embedded Valkey: append-only file on, on a port of 127.0.0.1 that is chosen once and reused, with a password.

Port, password and both as a URL are files of its folder. The password is never an argument: any user may list those.
"""

import asyncio
import os
import signal
import socket
from pathlib import Path

import structlog

from renga.platform.engines.binaries import valkey_server
from renga.platform.engines.child import Child
from renga.platform.engines.errors import EngineFailed, FolderUnusable
from renga.platform.engines.folder import DataFolder
from renga.platform.engines.orphans import stop_orphans
from renga.platform.engines.private import kept_password, write_private

log = structlog.get_logger(__name__)

HOST = "127.0.0.1"
#: Deadline of a start; loading a large append-only file takes time (the server replies LOADING).
READY_TIMEOUT_S = 120.0
PING_TIMEOUT_S = 2.0
PORT_ATTEMPTS_MAX = 3

CONFIGURATION = """\
# Written at every start.
bind {host}
port {port}
requirepass {password}
dir {folder}
daemonize no
logfile ""
proc-title-template "{{title}} {{config-file}}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
hash-max-listpack-value 1024
hash-max-listpack-entries 512
"""


class Valkey:
    """An engine of the supervisor (see ``supervisor.Engine``) in the folder ``valkey`` of the data folder."""

    name = "valkey"

    def __init__(self, data: DataFolder) -> None:
        self._folder = data.engine(self.name)
        self._child = Child(self.name, data.log(self.name))
        self._port, self._password = 0, ""

    @property
    def url(self) -> str:
        if not self._port:
            raise RuntimeError("valkey has no address before its first start")
        return f"redis://:{self._password}@{HOST}:{self._port}"

    @property
    def pid(self) -> int | None:
        return self._child.pid

    async def start(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._password = kept_password(self._folder / "password")
        except OSError as error:
            raise FolderUnusable(f"{self._folder}: {error.strerror}") from error
        await stop_orphans(self._folder, "valkey-server", signal.SIGTERM)
        for attempt in range(1, PORT_ATTEMPTS_MAX + 1):
            self._port = self._choose_port()
            try:
                await self._start_on_port()
                return
            except EngineFailed:
                await self._child.stop(signal.SIGTERM, PING_TIMEOUT_S)
                if attempt == PORT_ATTEMPTS_MAX or _free(self._port):
                    raise  # the port was not the cause

    def _choose_port(self) -> int:
        """The stored port; another one if it is taken."""
        file = self._folder / "port"
        kept = file.read_text().strip() if file.exists() else ""
        if kept.isdigit() and _free(int(kept)):
            return int(kept)
        port = _any_free_port()
        partial = file.with_suffix(".new")
        partial.write_text(f"{port}\n")
        partial.replace(file)
        if kept:
            log.warning("port_taken", engine=self.name, port=kept, instead=port)
        return port

    async def _start_on_port(self) -> None:
        configuration = self._folder / "valkey.conf"
        text = CONFIGURATION.format(host=HOST, port=self._port, password=self._password, folder=_quoted(self._folder))
        write_private(configuration, os.fsencode(text))
        write_private(self._folder / "url", f"{self.url}\n".encode())
        await self._child.spawn([valkey_server(), configuration], self._folder, death_signal=signal.SIGTERM)
        await self._child.until_ready(self._answers, READY_TIMEOUT_S)

    async def _answers(self) -> bool:
        try:
            return await _ping(self._port, self._password) == b"+PONG\r\n"
        except (OSError, TimeoutError):
            return False

    async def ping(self) -> None:
        try:
            said = await _ping(self._port, self._password)
        except (OSError, TimeoutError) as error:
            raise EngineFailed(f"valkey does not answer: {error}") from error
        if said != b"+PONG\r\n":
            raise EngineFailed(f"valkey is not ready: {said.decode(errors='replace').strip()}")

    async def wait(self) -> int:
        return await self._child.wait()

    async def stop(self, timeout_s: float) -> None:
        await self._child.stop(signal.SIGTERM, timeout_s)


async def _ping(port: int, password: str) -> bytes:
    """The reply to PING, or to AUTH if the server refuses the password."""
    async with asyncio.timeout(PING_TIMEOUT_S):
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            writer.write(f"AUTH {password}\r\nPING\r\n".encode())
            admitted = await reader.readline()
            return await reader.readline() if admitted == b"+OK\r\n" else admitted
        finally:
            writer.close()


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
