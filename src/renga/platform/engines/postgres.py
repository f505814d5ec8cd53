"""The embedded PostgreSQL 18: unix socket only, small memory settings; if we are root it runs as another OS user."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import structlog

from renga.platform.engines import pgdata
from renga.platform.engines.binaries import postgres_programs
from renga.platform.engines.child import Child
from renga.platform.engines.errors import EngineFailed
from renga.platform.engines.folder import DataFolder
from renga.platform.engines.launch import OsUser
from renga.platform.engines.orphans import stop_orphans
from renga.platform.postgres.errors import DatabaseUnavailable
from renga.platform.postgres.pool import connect, create_database

log = structlog.get_logger(__name__)

DATABASE = "renga"
INITDB_TIMEOUT_S = 60.0
#: Deadline of a start; recovery after a crash takes time.
READY_TIMEOUT_S = 120.0
PING_TIMEOUT_S = 2.0
#: SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back, no recovery is needed.
FAST = signal.SIGINT

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "effective_cache_size": "256MB",
    "io_method": "sync",
    "jit": "off",
    "max_logical_replication_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres:
    """An engine of the supervisor (see ``supervisor.Engine``) in the folder ``postgres`` of the data folder."""

    name = "postgres"

    def __init__(self, data: DataFolder) -> None:
        self._data = data.engine(self.name)
        self._child = Child(self.name, data.log(self.name))
        self._sockets: Path | None = None

    @property
    def url(self) -> str:
        return pgdata.url(self._socket_folder, DATABASE)

    @property
    def pid(self) -> int | None:
        return self._child.pid

    @property
    def _socket_folder(self) -> Path:
        if self._sockets is None:
            raise RuntimeError("postgres has no address before its first start")
        return self._sockets

    async def start(self) -> None:
        user = pgdata.os_user()
        pgdata.make_folder(self._data.parent)
        if not self._data.exists():
            await self._init(user)
        pgdata.prepare(self._data, user)
        await stop_orphans(self._data, "postgres", FAST)
        self._drop_stale_pid()
        self._sockets = pgdata.socket_folder(self._data, user)
        settings = SETTINGS | {"unix_socket_directories": str(self._sockets)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        argv = [str(postgres_programs() / "postgres"), "-D", str(self._data), *options]
        await self._child.spawn(argv, self._data, death_signal=FAST, user=user, environment=_environment())
        await self._child.until_ready(self._accepts, READY_TIMEOUT_S)
        await create_database(pgdata.url(self._sockets), DATABASE)

    async def _init(self, user: OsUser | None) -> None:
        """Create the data in a temporary folder and rename it when complete: a killed first start leaves no partial data."""
        unfinished = self._data.with_name(f"{self.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        pgdata.prepare(unfinished, user)
        maker = Child("initdb", self._child.log_file)
        command = pgdata.initdb_command(unfinished)
        await maker.spawn(command, unfinished, death_signal=signal.SIGKILL, user=user, environment=_environment())
        try:
            async with asyncio.timeout(INITDB_TIMEOUT_S):
                status = await maker.wait()
        except TimeoutError:
            raise EngineFailed(f"PostgreSQL took more than {INITDB_TIMEOUT_S:.0f} s to make its data") from None
        finally:
            await maker.stop(signal.SIGKILL, INITDB_TIMEOUT_S)
        if status:
            raise EngineFailed(f"PostgreSQL cannot make its data: {maker.last_log_line()} ({maker.log_file})")
        unfinished.replace(self._data)
        log.info("postgres_created", folder=str(self._data))

    def _drop_stale_pid(self) -> None:
        """Remove a pid file whose pid now belongs to another program; PostgreSQL itself only detects that the process has ended.

        No server runs on this folder (``stop_orphans`` made sure), so a running process with that pid is another program.
        """
        file = self._data / "postmaster.pid"
        words = file.read_text().split() if file.exists() else []
        if words and words[0].isdigit() and _alive(int(words[0])):
            log.info("stale_pid_file_removed", file=str(file), pid=words[0])
            file.unlink()

    async def _accepts(self) -> bool:
        file = self._data / "postmaster.pid"
        lines = file.read_text().splitlines() if file.exists() else []
        return len(lines) > 7 and lines[7].strip() == "ready" and lines[0] == str(self._child.pid)

    async def ping(self) -> None:
        try:
            connection = await connect(self.url, command_timeout_s=PING_TIMEOUT_S)
        except DatabaseUnavailable as error:
            raise EngineFailed(f"postgres does not answer: {error.detail}") from error
        await connection.close()

    async def wait(self) -> int:
        return await self._child.wait()

    async def stop(self, timeout_s: float) -> None:
        await self._child.stop(FAST, timeout_s)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _environment() -> dict[str, str]:
    """Our environment without variables that would change the server (``PG…`` and locale)."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}
