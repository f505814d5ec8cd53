"""The supervisor: all or nothing at start, a dead engine comes back, a crashed run heals, no two share a folder."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from renga.kernel.errors import RengaError
from renga.platform.engines.errors import EngineFailed, FolderInUse
from renga.platform.engines.folder import DataFolder
from renga.platform.engines.postgres import Postgres
from renga.platform.engines.supervisor import RestartLimit, Supervisor
from renga.platform.engines.valkey import Valkey
from tests.engines import resp
from tests.engines.process import new_folder, remove_folder
from tests.support import eventually

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    path = new_folder("up")
    yield path
    remove_folder(path)


class Fake:
    """An engine that ends when told, and whose starts may fail."""

    def __init__(self, name: str, failing: bool = False) -> None:
        self.name, self.url, self.failing = name, f"fake://{name}", failing
        self.pid: int | None = None
        self.starts = 0
        self.stops: list[str] = []
        self._ended = asyncio.Event()

    async def start(self) -> None:
        self.starts += 1
        if self.failing:
            raise EngineFailed(f"{self.name} fails")
        self._ended.clear()
        self.pid = 4711

    async def ping(self) -> None: ...

    async def wait(self) -> int:
        await self._ended.wait()
        return 1

    def end(self) -> None:
        self.pid = None
        self._ended.set()

    async def stop(self, timeout_s: float) -> None:
        self.stops.append(self.name)
        self.end()


async def test_both_engines_start_side_by_side_and_stop(folder: Path) -> None:
    with DataFolder(folder).hold() as data:
        valkey, postgres = Valkey(data), Postgres(data)
        async with Supervisor([valkey, postgres]) as engines:
            assert engines.urls == {"valkey": valkey.url, "postgres": postgres.url}
            await valkey.ping()
            await postgres.ping()
        assert (valkey.pid, postgres.pid) == (None, None)


async def test_an_engine_that_is_killed_comes_back_with_its_data_at_the_same_address(folder: Path) -> None:
    with DataFolder(folder).hold() as data:
        valkey, postgres = Valkey(data), Postgres(data)
        async with Supervisor([valkey, postgres]) as engines:
            urls = engines.urls
            resp.command(valkey.url, "SET", "cart", "kept")
            before = (valkey.pid, postgres.pid)
            for pid in before:
                assert pid is not None
                os.kill(pid, signal.SIGKILL)

            async def back() -> bool:
                return None not in (valkey.pid, postgres.pid) and valkey.pid != before[0] and postgres.pid != before[1]

            await eventually(back)
            await eventually(lambda: _answers(postgres))
            await eventually(lambda: _answers(valkey))
            assert engines.urls == urls
            assert resp.command(valkey.url, "GET", "cart") == "kept"


async def _answers(engine: Valkey | Postgres) -> bool:
    try:
        await engine.ping()
    except EngineFailed:
        return False
    return True


async def test_an_engine_that_keeps_ending_is_given_up_with_a_clear_error() -> None:
    engine = Fake("valkey")
    restart_limit = RestartLimit(restarts_max=3, window_s=60, wait_min_s=0, wait_max_s=0)
    async with Supervisor([engine], restart_limit) as engines:
        for starts in range(1, 5):

            async def started(wanted: int = starts) -> bool:
                return engine.starts == wanted and engine.pid is not None

            await eventually(started)
            engine.end()
        error = await engines.failure()
    assert isinstance(error, EngineFailed)
    assert error.detail == "valkey ended 4 times within 60 s; see its log in the data folder"
    assert engine.starts == 4


async def test_when_one_engine_does_not_start_the_others_are_stopped_and_its_error_is_raised() -> None:
    good, bad = Fake("valkey"), Fake("postgres", failing=True)
    with pytest.raises(EngineFailed, match="postgres fails"):
        await Supervisor([good, bad]).start()
    assert good.pid is None
    assert good.stops == ["valkey"]


async def test_engines_stop_in_the_reverse_of_their_order() -> None:
    order: list[str] = []
    first, second = Fake("first"), Fake("second")
    first.stops = second.stops = order
    supervisor = Supervisor([first, second])
    await supervisor.start()
    await supervisor.stop()
    await supervisor.stop()
    assert order == ["second", "first"]


@pytest.fixture
async def other_shop(folder: Path) -> AsyncIterator["tuple[subprocess.Popen[str], dict[str, str]]"]:
    """Engines that another process runs on the folder."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    command = [sys.executable, str(Path(__file__).with_name("running_shop.py")), str(folder)]
    process = await asyncio.to_thread(
        subprocess.Popen, command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    while not (text := await asyncio.to_thread(process.stdout.readline)).startswith("{"):
        assert process.poll() is None
    yield process, msgspec.json.decode(text, type=dict[str, str])
    process.kill()
    process.communicate()


async def test_a_second_run_on_the_same_folder_is_refused_in_one_line(
    other_shop: tuple[Any, dict[str, str]], folder: Path
) -> None:
    process, urls = other_shop
    with pytest.raises(FolderInUse) as refused, DataFolder(folder).hold():
        pass
    said = f"already running, pid {process.pid}, on {folder}; stop it or choose another folder with --data"
    assert isinstance(refused.value, RengaError)
    assert refused.value.detail == said
    holder = DataFolder(folder).holder()
    assert holder is not None
    assert (holder.pid, holder.urls) == (process.pid, urls)
    assert resp.answers(urls["valkey"])


async def test_a_new_run_heals_what_a_killed_one_left(other_shop: tuple[Any, dict[str, str]], folder: Path) -> None:
    process, urls = other_shop
    resp.command(urls["valkey"], "SET", "cart", "kept")
    connection = await asyncpg.connect(urls["postgres"])
    await connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    await connection.close()
    process.kill()
    process.communicate()
    assert DataFolder(folder).holder() is None
    with DataFolder(folder).hold() as data:
        async with Supervisor([Valkey(data), Postgres(data)]) as engines:
            assert engines.urls == urls
            assert resp.command(urls["valkey"], "GET", "cart") == "kept"
            connection = await asyncpg.connect(engines.urls["postgres"])
            assert await connection.fetchval("SELECT n FROM kept") == 7
            await connection.close()


async def test_a_killed_run_takes_its_engines_with_it(other_shop: tuple[Any, dict[str, str]]) -> None:
    process, urls = other_shop
    process.kill()
    process.communicate()

    async def gone() -> bool:
        return not resp.answers(urls["valkey"])

    await eventually(gone)
    assert process.returncode == -9
