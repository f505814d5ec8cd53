"""One server process: start, log, exit status, stop."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import structlog

from renga.platform.engines.errors import EngineFailed
from renga.platform.engines.launch import OsUser, launch

log = structlog.get_logger(__name__)

READY_POLL_S = 0.01
#: A larger log is rotated (one generation) when its server starts.
LOG_BYTES_MAX = 10_000_000
LOG_TAIL_BYTES = 4096


class Child:
    """A restartable process. ``name`` is for logs and errors."""

    def __init__(self, name: str, log_file: Path) -> None:
        self.name, self.log_file = name, log_file
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Its pid while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def spawn(
        self,
        argv: Sequence[str | Path],
        folder: Path,
        *,
        death_signal: signal.Signals,
        user: OsUser | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it in ``folder``, its output to the log, to be signalled when we exit (on Linux)."""
        _rotate(self.log_file)
        handle = os.open(self.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *launch(argv, death_signal=death_signal, user=user),
                cwd=folder,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=handle,
                stderr=handle,
                start_new_session=True,
            )
        except OSError as error:
            raise EngineFailed(f"{self.name} cannot be started: {error.strerror}") from error
        finally:
            os.close(handle)

    async def until_ready(self, ready: Callable[[], Awaitable[bool]], timeout_s: float) -> None:
        """Return when ``ready`` returns true. Raises EngineFailed if the process ends first, or at the time-out."""
        try:
            async with asyncio.timeout(timeout_s):
                while not await ready():
                    if self.pid is None:
                        raise EngineFailed(
                            f"{self.name} stopped while starting: {self.last_log_line()} ({self.log_file})"
                        )
                    await asyncio.sleep(READY_POLL_S)
        except TimeoutError:
            raise EngineFailed(f"{self.name} does not answer after {timeout_s:.0f} s; see {self.log_file}") from None

    async def wait(self) -> int:
        """Wait for its exit status (negative: the signal that ended it)."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return await self._process.wait()

    async def stop(self, how: signal.Signals, timeout_s: float) -> None:
        """Send the signal ``how``, then SIGKILL after ``timeout_s``. Does nothing if it is not running."""
        if self._process is None or self._process.returncode is not None:
            return
        try:
            self._process.send_signal(how)
            async with asyncio.timeout(timeout_s):
                await self._process.wait()
        except ProcessLookupError:
            await self._process.wait()
        except TimeoutError:
            log.warning("engine_killed", engine=self.name, after_s=timeout_s)
            self._process.kill()
            await self._process.wait()

    def last_log_line(self) -> str:
        """The last line of its log."""
        try:
            with self.log_file.open("rb") as file:
                file.seek(max(0, self.log_file.stat().st_size - LOG_TAIL_BYTES))
                lines = file.read().decode(errors="replace").split("\n")
        except OSError as error:
            return f"no log: {error.strerror}"
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _rotate(file: Path) -> None:
    if file.exists() and file.stat().st_size > LOG_BYTES_MAX:
        file.replace(file.with_name(file.name + ".1"))
