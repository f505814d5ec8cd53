"""The embedded PostgreSQL: behind a socket only, healed after a crash, in folders of any depth and any name."""

import asyncio
import os
import shutil
import signal
import tempfile
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import asyncpg
import pytest

from renga.platform.engines import pgdata
from renga.platform.engines.binaries import postgres_programs
from renga.platform.engines.errors import EngineFailed
from renga.platform.engines.folder import DataFolder
from renga.platform.engines.launch import launch
from renga.platform.engines.postgres import Postgres
from tests.support import eventually


@pytest.fixture
def private() -> Iterator[Path]:
    """A folder that only its owner may enter, as ``mktemp -d`` makes it."""
    folder = Path(tempfile.mkdtemp(prefix="rg"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
async def postgres(private: Path) -> AsyncIterator[Postgres]:
    data = DataFolder(private / "data")
    with data.hold():
        engine = Postgres(data)
        yield engine
        await engine.stop(10)


async def value(engine: Postgres, sql: str) -> Any:
    connection = await asyncpg.connect(engine.url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_it_starts_behind_a_socket_only_with_checksums_and_a_built_in_collation(postgres: Postgres) -> None:
    await postgres.start()
    await postgres.ping()
    assert await value(postgres, "SHOW listen_addresses") == ""
    assert await value(postgres, "SHOW unix_socket_permissions") == "0700"
    assert await value(postgres, "SHOW data_checksums") == "on"
    assert await value(postgres, "SHOW shared_buffers") == "64MB"
    assert await value(postgres, "SHOW max_connections") == "100"
    collation = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = current_database()"
    assert await value(postgres, collation) == "bC.UTF-8"
    assert await value(postgres, "SELECT current_database()") == "renga"


async def test_a_second_start_finds_its_data(postgres: Postgres) -> None:
    await postgres.start()
    await value(postgres, "CREATE TABLE kept AS SELECT 7 AS n")
    await postgres.stop(10)
    assert postgres.pid is None
    await postgres.start()
    assert await value(postgres, "SELECT n FROM kept") == 7


async def test_a_killed_server_starts_again_with_what_was_committed(postgres: Postgres) -> None:
    await postgres.start()
    await value(postgres, "CREATE TABLE kept AS SELECT 7 AS n")
    assert postgres.pid is not None
    os.kill(postgres.pid, signal.SIGKILL)
    assert await postgres.wait() == -signal.SIGKILL
    with pytest.raises(EngineFailed, match="postgres does not answer"):
        await postgres.ping()
    await postgres.start()
    assert await value(postgres, "SELECT n FROM kept") == 7


async def test_a_pid_file_that_names_a_strangers_process_does_not_stop_it(postgres: Postgres, private: Path) -> None:
    await postgres.start()
    await postgres.stop(10)
    user = pgdata.os_user()
    sleep = launch(["/bin/sleep", "60"], death_signal=signal.SIGKILL, user=user)
    stranger = await asyncio.create_subprocess_exec(*sleep)
    try:
        file = private / "data" / "postgres" / "postmaster.pid"
        file.write_text(f"{stranger.pid}\n{file.parent}\n1700000000\n5432\n{file.parent}\n\n  1 1\nready\n")
        await postgres.start()
        assert await value(postgres, "SELECT 1") == 1
        assert stranger.returncode is None
    finally:
        stranger.kill()
        await stranger.wait()


async def test_an_orphan_on_its_folder_is_stopped_before_it_starts(postgres: Postgres, private: Path) -> None:
    await postgres.start()
    await postgres.stop(10)
    folder = private / "data" / "postgres"
    program = [str(postgres_programs() / "postgres"), "-D", str(folder), "--listen_addresses="]
    command = launch(
        [*program, f"--unix_socket_directories={folder}"], death_signal=signal.SIGKILL, user=pgdata.os_user()
    )
    orphan = await asyncio.create_subprocess_exec(*command, cwd="/", stdout=DEVNULL, stderr=DEVNULL)

    async def ready() -> bool:
        file = folder / "postmaster.pid"
        return file.exists() and file.read_text().rstrip().endswith("ready")

    await eventually(ready)
    await value(postgres, "CREATE TABLE written AS SELECT 'the orphan' AS by")
    await postgres.start()
    assert await orphan.wait() == 0
    assert await value(postgres, "SELECT by FROM written") == "the orphan"


async def test_a_first_start_that_was_killed_midway_leaves_nothing_in_the_way(
    postgres: Postgres, private: Path
) -> None:
    half = private / "data" / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    await postgres.start()
    assert await value(postgres, "SELECT 1") == 1
    assert not half.exists()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_a_folder_too_deep_for_a_socket_gets_its_socket_elsewhere(private: Path) -> None:
    deep = private.joinpath(*["a folder with a long name é"] * 6)
    data = DataFolder(deep)
    with data.hold():
        engine = Postgres(data)
        await engine.start()
        sockets = Path(unquote(engine.url.partition("?host=")[2]))
        assert len(os.fsencode(sockets / ".s.PGSQL.5432")) <= 107
        assert mode(sockets) == 0o700
        assert await value(engine, "SELECT 1") == 1
        await engine.stop(10)
        shutil.rmtree(sockets)


async def test_data_of_another_release_is_an_error_that_quotes_the_server(postgres: Postgres, private: Path) -> None:
    await postgres.start()
    await postgres.stop(10)
    (private / "data" / "postgres" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(
        EngineFailed, match=r"postgres stopped while starting: .*initialized by PostgreSQL version 9\.6"
    ):
        await postgres.start()
