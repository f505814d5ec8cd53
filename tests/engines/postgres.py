"""The embedded PostgreSQL 18, told to be fast and forgetful; behind a socket in its folder."""

import signal
import subprocess
from pathlib import Path

from renga.platform.engines import pgdata
from renga.platform.engines.binaries import postgres_programs
from renga.platform.engines.errors import EngineMissing, EnginePermission
from renga.platform.engines.launch import launch
from tests.engines.process import EngineFailed, Server, environment

SPEED = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum_naptime=600s",
    "shared_buffers=64MB",
    "max_connections=100",
    "listen_addresses=",
    "max_wal_size=512MB",
    "io_method=sync",
    "log_min_messages=fatal",
)
INITDB_TIMEOUT_S = 60.0


def available() -> str | None:
    """None if it can be started, else the reason why not."""
    try:
        postgres_programs()
        pgdata.os_user()
    except (EngineMissing, EnginePermission) as error:
        return error.detail
    return None


def start(folder: Path, *settings: str) -> Server:
    """Start one on ``folder`` (made if need be); extra ``settings`` such as ``"work_mem=8MB"``."""
    user, data = pgdata.os_user(), folder / "data"
    pgdata.prepare(data, user)
    if not (data / "PG_VERSION").exists():
        command = launch(pgdata.initdb_command(data), death_signal=signal.SIGKILL, user=user)
        made = subprocess.run(
            command, capture_output=True, text=True, timeout=INITDB_TIMEOUT_S, cwd="/", env=environment()
        )
        if made.returncode:
            raise EngineFailed(made.stderr)
    sockets = pgdata.socket_folder(data, user)
    options = [f"--{setting}" for setting in (*SPEED, f"unix_socket_directories={sockets}", *settings)]
    program = postgres_programs() / "postgres"
    version = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=True, timeout=INITDB_TIMEOUT_S
    )

    def ready(server: Server) -> bool:
        server.version = version.stdout.strip().replace("postgres (PostgreSQL)", "postgresql")
        lines = (data / "postmaster.pid").read_text().splitlines() if (data / "postmaster.pid").exists() else []
        return len(lines) > 7 and lines[7].strip() == "ready" and [int(lines[0])] == server.pids

    argv: list[str | Path] = [program, "-D", data, *options]
    quick = signal.SIGQUIT  # immediate shutdown: this data is thrown away
    server = Server(
        "postgres",
        argv,
        folder,
        url=pgdata.url(sockets),
        ready=ready,
        environment=environment(),
        death_signal=quick,
        stop_signal=signal.SIGINT,
        user=user,
    )
    return server.start()
