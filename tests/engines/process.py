"""One server process of a test: started in the background, always stopped by pid, killed with us if we are killed."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from renga.platform.engines.launch import OsUser, launch

STOP_TIMEOUT_S = 10.0
#: Every server is forked by this one thread, which lives until the end: a parent's death is a thread's (prctl(2)).
_forker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="engine-forker")
_alive: dict[int, subprocess.Popen[bytes]] = {}


class EngineFailed(RuntimeError):
    """A server did not start; the message ends with the last lines of its log."""


class Running(Protocol):
    """A server (or a cluster of them) that answers. ``nodes`` is itself for a single server."""

    name: str
    version: str
    url: str
    urls: list[str]
    folder: Path

    @property
    def pids(self) -> list[int]: ...
    @property
    def nodes(self) -> "Sequence[Running]": ...
    def stop(self) -> None:
        """Stop cleanly; the data stays for ``restart``."""

    def kill(self) -> None:
        """SIGKILL, at once."""

    def discard(self) -> None:
        """End it for good, as fast as can be; its data is not needed any more."""

    def restart(self) -> None:
        """Start again on the same folder and port (stops first if it runs); returns when it answers."""

    def pause(self) -> None:
        """SIGSTOP: connections stay open, nothing answers."""

    def resume(self) -> None:
        """SIGCONT."""


class Server:
    """A single process behind ``Running``. ``ready`` returns True when the server answers, and may set ``version``."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        folder: Path,
        *,
        url: str,
        ready: "Callable[[Server], bool]",
        environment: dict[str, str] | None = None,
        death_signal: signal.Signals = signal.SIGKILL,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: OsUser | None = None,
        ready_timeout_s: float = 60.0,
    ) -> None:
        self.name, self.folder, self.url, self.urls = name, folder, url, [url]
        self.version = ""
        self._argv, self._ready, self._environment, self._user = argv, ready, environment, user
        self._death_signal, self._stop_signal, self._ready_timeout_s = death_signal, stop_signal, ready_timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "stderr.log"

    @property
    def nodes(self) -> "list[Server]":
        return [self]

    @property
    def pids(self) -> list[int]:
        return [self._process.pid] if self._process and self._process.poll() is None else []

    def spawn(self) -> None:
        """Fork without waiting until it answers (several start side by side that way)."""
        self._process = _forker.submit(self._fork).result()
        _alive[self._process.pid] = self._process

    def _fork(self) -> subprocess.Popen[bytes]:
        command = launch(self._argv, death_signal=self._death_signal, user=self._user)
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        poll_until(lambda: self._ready(self), self._ready_timeout_s, f"{self.name} in {self.folder}", self._exited)

    def _exited(self) -> str:
        code = self._process.poll() if self._process else None
        return "" if code is None else f"exited with {code}: {self._log.read_text(errors='replace')[-2000:]}"

    def start(self) -> "Server":
        self.spawn()
        try:
            self.wait_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self.resume()
            self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _alive.pop(self._process.pid, None)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            _alive.pop(self._process.pid, None)

    def discard(self) -> None:
        if self._death_signal == signal.SIGKILL:
            self.kill()
        else:
            self._stop_signal = self._death_signal
            self.stop()

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        for pid in self.pids:
            os.kill(pid, signal.SIGSTOP)
        poll_until(lambda: all(map(_stands_still, self.pids)), STOP_TIMEOUT_S, f"the pause of {self.name}")

    def resume(self) -> None:
        for pid in self.pids:
            os.kill(pid, signal.SIGCONT)


def _stands_still(pid: int) -> bool:
    """A signal may reach the threads of a process a moment after it was sent."""
    states = [path.read_text().rpartition(")")[2].split()[0] for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    return set(states) <= {"T", "t"}


def poll_until(ready: Callable[[], bool], timeout_s: float, what: str, exited: Callable[[], str] = str) -> None:
    """Return when ``ready`` does; EngineFailed when time is up or the process has gone."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        if gone := exited():
            raise EngineFailed(f"{what} {gone}")
        if time.monotonic() > deadline:
            raise EngineFailed(f"{what} did not answer within {timeout_s} s")
        time.sleep(0.02)


def free_port(below: int = 65536) -> int:
    """A TCP port of 127.0.0.1 that nothing listens on."""
    for _ in range(100):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port < below:
            return port
    raise EngineFailed(f"no free port below {below}")


def new_folder(name: str) -> Path:
    """A temporary folder that other OS users can enter, with a short path (socket names are at most 107 bytes)."""
    folder = Path(tempfile.mkdtemp(prefix=f"renga-{name}-"))
    folder.chmod(0o755)
    return folder


def remove_folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def environment(**changes: Any) -> dict[str, str]:
    """Our environment with changes; the servers' own variables must not leak in from outside."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("RABBITMQ_", "ERL_", "PG"))}
    return kept | {name: str(value) for name, value in changes.items()}


@atexit.register
def _stop_what_is_left() -> None:
    for process in list(_alive.values()):
        process.kill()
        process.wait()
