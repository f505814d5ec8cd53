"""``renga up``: start the engines that have no URL set, migrate, seed an empty shop, start a worker, serve; then stop all."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import structlog

from renga.apps.compose import open_process
from renga.apps.modules import DECLARED
from renga.apps.port import check_port
from renga.apps.serve import serve
from renga.apps.settings import PLATFORM
from renga.apps.simulated_provider import beside, is_wanted, url_of
from renga.kernel.errors import Unavailable
from renga.platform.engines.folder import DataFolder
from renga.platform.engines.launch import launch
from renga.platform.engines.postgres import Postgres
from renga.platform.engines.running_shops import listed
from renga.platform.engines.supervisor import Engine, Supervisor
from renga.platform.engines.valkey import Valkey
from renga.platform.postgres.migrations import pending, upgrade
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings, Secret, secret_of

log = structlog.get_logger(__name__)

#: A worker (or the simulated payment provider) that ends is started again after this long.
WORKER_WAIT_S = 1.0
WORKER_STOP_S = 15.0
_WORKER, _PROVIDER = "renga.apps.work", "renga.simulators.payment_provider"


class EngineLost(Unavailable):
    code = "engine_lost"
    title = "An embedded engine cannot be kept running"


async def up(settings: Sections, *, seed: bool, worker: bool, announce: Callable[[Sections, float], None]) -> None:
    """Run the shop until it is cancelled. ``announce`` is called with the start-up seconds once everything is ready."""
    began = time.monotonic()
    check_port(settings[PlatformSettings])
    async with engines(settings) as (ready, supervisor, data):
        secret_of(ready[PlatformSettings])
        tasks: list[asyncio.Task[None]] = [asyncio.create_task(_engine_lost(supervisor))]
        if is_wanted(ready):
            # it needs no database, so it starts while we migrate
            ready = beside(ready)
            tasks.append(asyncio.create_task(_keep(_PROVIDER, "provider", ready)))
        try:
            await _prepare(ready, seed=seed)
            tasks.append(asyncio.create_task(serve(ready, _announcing(ready, supervisor, data, announce, began))))
            if worker:
                tasks.append(asyncio.create_task(_keep(_WORKER, "worker", ready)))
            with listed(data):
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _prepare(ready: Sections, *, seed: bool) -> None:
    platform = ready[PlatformSettings]
    if await pending(platform.database, DECLARED.migrations):
        await upgrade(platform.database, DECLARED.migrations)
    if seed:
        await fill_if_empty(ready)


def _announcing(
    ready: Sections,
    supervisor: Supervisor,
    data: DataFolder,
    announce: Callable[[Sections, float], None],
    began: float,
) -> Callable[[], Awaitable[None]]:
    async def on_ready() -> None:
        platform = ready[PlatformSettings]
        where = {"shop": f"http://{platform.host}:{platform.port}"}
        if url_of(ready):
            where["provider"] = url_of(ready)
        data.announce({**supervisor.urls, **where})
        announce(ready, time.monotonic() - began)

    return on_ready


@asynccontextmanager
async def engines(settings: Sections) -> AsyncIterator[tuple[Sections, Supervisor, DataFolder]]:
    """Run an embedded engine for each URL left empty; gives the settings with their URLs filled in."""
    platform = settings[PlatformSettings]
    data = DataFolder(Path(platform.data))
    wanted: list[Engine] = []
    with data.hold():
        if not platform.redis:
            wanted.append(Valkey(data))
        if not platform.database:
            wanted.append(Postgres(data))
        async with Supervisor(wanted) as supervisor:
            urls = supervisor.urls
            data.announce(urls)
            redis = platform.redis or urls["valkey"]
            ready = msgspec.structs.replace(
                platform, redis=redis, database=platform.database or urls["postgres"], bus=platform.bus or redis
            )
            yield settings.replace(**{PLATFORM: ready}), supervisor, data


async def fill_if_empty(settings: Sections) -> None:
    """Seed an empty shop with the demo data of each module, in the order of their needs."""
    async with open_process(settings) as process:
        for module in process.modules:
            if module.holds_data is not None and await module.holds_data(process.opened[module.name].own):
                return
        demo: dict[str, str] = {}
        for module in process.modules:
            if module.seed is not None:
                await module.seed(process.opened[module.name].own, demo)
        log.info("demo_seeded", **demo)


async def _engine_lost(supervisor: Supervisor) -> None:
    error = await supervisor.failure()
    raise EngineLost(str(error)) from error


async def _keep(module: str, name: str, settings: Sections) -> None:
    """Run a process of ours beside the web process, which it never blocks; restart it when it ends."""
    while True:
        process = await asyncio.create_subprocess_exec(
            *launch([sys.executable, "-m", module], death_signal=signal.SIGTERM),
            env=_environment(settings),
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            await _stop(process)
            raise
        log.warning(f"{name}_ended", status=status)
        await asyncio.sleep(WORKER_WAIT_S)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), WORKER_STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def _environment(settings: Sections) -> dict[str, str]:
    """The settings as environment variables of a child process."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RENGA_")}
    for name, struct in settings:
        section = "" if name == PLATFORM else f"{name}_"
        for field in struct.__struct_fields__:
            environment[f"RENGA_{section}{field}".upper()] = _text_of(getattr(struct, field))
    environment["RENGA_CONFIG"] = os.devnull
    environment["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")])
    )
    return environment


def _text_of(value: object) -> str:
    """A setting's value as the text of an environment variable."""
    if isinstance(value, tuple):
        return ",".join(value)
    return value.reveal() if isinstance(value, Secret) else str(value)
