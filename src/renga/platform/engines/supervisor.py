"""Starts the embedded engines concurrently, watches them, restarts one that ends, stops them in order."""

import asyncio
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

import msgspec
import structlog

from renga.kernel.errors import RengaError
from renga.platform.engines.errors import EngineFailed

log = structlog.get_logger(__name__)


class Engine(Protocol):
    """One embedded server, started and stopped by the supervisor."""

    name: str

    @property
    def url(self) -> str:
        """Where clients reach it. Known after the first ``start``; later starts do not change it."""
        ...

    @property
    def pid(self) -> int | None:
        """Its pid while it runs."""
        ...

    async def start(self) -> None:
        """Clean up after a crashed run, start the server, return when it answers. Raises errors of ``engines.errors``."""
        ...

    async def ping(self) -> None:
        """Return if it answers within its deadline, else raise EngineFailed."""
        ...

    async def wait(self) -> int:
        """Return its exit status when the process has ended."""
        ...

    async def stop(self, timeout_s: float) -> None:
        """Stop it cleanly; kill it after ``timeout_s``. Does nothing if it is not running."""
        ...


class RestartLimit(msgspec.Struct, frozen=True, kw_only=True):
    """The restart limit: after more than ``restarts_max`` exits within ``window_s`` seconds the supervisor gives up."""

    restarts_max: int = 5
    window_s: float = 60.0
    wait_min_s: float = 0.05
    wait_max_s: float = 2.0
    stop_timeout_s: float = 10.0


class Supervisor:
    """``async with Supervisor([Valkey(data), Postgres(data)]) as engines: …`` inside ``DataFolder.hold``."""

    def __init__(self, engines: Sequence[Engine], restart_limit: RestartLimit | None = None) -> None:
        self._engines = list(engines)
        self._restart_limit = restart_limit or RestartLimit()
        self._watchers: list[asyncio.Task[None]] = []
        self._failure: asyncio.Future[BaseException] | None = None

    @property
    def urls(self) -> dict[str, str]:
        """The engines' URLs by name; after ``start``."""
        return {engine.name: engine.url for engine in self._engines}

    async def start(self) -> None:
        """Start all concurrently; return when all answer. If one fails, stop the others and raise its error."""
        self._failure = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.TaskGroup() as group:
                for engine in self._engines:
                    group.create_task(self._start_one(engine))
        except BaseExceptionGroup as failures:
            await self._stop_engines()
            raise failures.exceptions[0] from None
        except asyncio.CancelledError:
            await self._stop_engines()
            raise
        self._watchers = [asyncio.create_task(self._watch(engine)) for engine in self._engines]
        for watcher in self._watchers:
            watcher.add_done_callback(self._watcher_ended)

    async def _start_one(self, engine: Engine) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await engine.start()
        log.info("engine_started", engine=engine.name, pid=engine.pid, took_ms=round((loop.time() - began) * 1000))

    async def _watch(self, engine: Engine) -> None:
        """Restart the engine whenever it ends, up to the restart limit."""
        ends: deque[float] = deque()
        p, loop = self._restart_limit, asyncio.get_running_loop()
        while True:
            status = await engine.wait()
            ends.append(loop.time())
            while ends[-1] - ends[0] > p.window_s:
                ends.popleft()
            log.warning("engine_ended", engine=engine.name, status=status, ends=len(ends))
            if len(ends) > p.restarts_max:
                said = (
                    f"{engine.name} ended {len(ends)} times within {p.window_s:.0f} s; see its log in the data folder"
                )
                raise EngineFailed(said, engine=engine.name)
            await asyncio.sleep(min(p.wait_min_s * 2 ** (len(ends) - 1), p.wait_max_s))
            try:
                await self._start_one(engine)
            except RengaError as error:
                log.warning("engine_restart_failed", engine=engine.name, error=error.detail)
                await engine.stop(p.stop_timeout_s)

    def _watcher_ended(self, watcher: "asyncio.Task[None]") -> None:
        error = None if watcher.cancelled() else watcher.exception()
        if error and self._failure and not self._failure.done():
            log.error("engine_given_up", error=str(error))
            self._failure.set_result(error)

    async def failure(self) -> BaseException:
        """Wait until the supervisor gives up an engine; returns the reason (EngineFailed). The process should then stop."""
        if self._failure is None:
            raise RuntimeError("the supervisor was not started")
        return await asyncio.shield(self._failure)

    async def stop(self) -> None:
        """Stop watching, then stop the engines in reverse order, each within its deadline. May be called twice."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        self._watchers = []
        await self._stop_engines()

    async def _stop_engines(self) -> None:
        for engine in reversed(self._engines):
            if engine.pid is not None:
                await engine.stop(self._restart_limit.stop_timeout_s)
                log.info("engine_stopped", engine=engine.name)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
