"""``renga up`` and its companions as subprocesses: start, wait until it answers, stop as Ctrl-C does, look what is left."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from tests.engines.process import free_port

#: Tries, a tenth of a second apart, until the shop must answer.
START_TRIES_MAX = 600
STOP_S, EVENT_S = 40.0, 30.0


class Shop:
    """One data folder and one port; ``settings`` are further variables (``RENGA_CATALOG_STORE="mongodb://…"``)."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._settings = settings
        self.data = folder / "data"
        self.port = free_port(55_000)
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "up.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._children: set[int] = set()

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "renga.apps.cli", *words]

    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("RENGA_")}
        own = {"RENGA_DATA": str(self.data), "RENGA_PORT": str(self.port), "RENGA_CONFIG": os.devnull}
        own["XDG_STATE_HOME"] = str(self.data.parent / "state")
        return clean | own | self._settings

    def run(self, *words: str, **more: Any) -> "subprocess.CompletedProcess[str]":
        """A command to its end."""
        return subprocess.run(
            self.command(*words),
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **more,
        )

    def start(self) -> None:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self.command("up"), env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        for _ in range(START_TRIES_MAX):
            if self._answers():
                break
            assert self._process.poll() is None, self.log()
            time.sleep(0.1)
        else:
            raise AssertionError(f"the shop does not answer: {self.log()}")
        self._children = _descendants(self._process.pid)
        assert len(self._children) >= 3, "the worker, Valkey and PostgreSQL"

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def signal(self, number: signal.Signals) -> None:
        """To the shop's own process; ``stop`` waits for its end."""
        assert self._process is not None
        self._children |= _descendants(self._process.pid)
        self._process.send_signal(number)

    def stop(self) -> tuple[int, list[int]]:
        """Ctrl-C: the exit status, and which of its processes are left."""
        self.signal(signal.SIGINT)
        return self.ended()

    def ended(self) -> tuple[int, list[int]]:
        """Wait for its end: the exit status, and which of its processes are left."""
        assert self._process is not None
        status = self._process.wait(STOP_S)
        return status, sorted(pid for pid in self._children if _alive(pid))

    def kill(self) -> None:
        """Whatever happened, leave nothing behind."""
        if self._process is not None and self._process.poll() is None:
            self._children |= _descendants(self._process.pid)
            self._process.kill()
            self._process.wait(STOP_S)
            for pid in self._children:
                if _alive(pid):
                    os.kill(pid, signal.SIGKILL)


class Tail:
    """``renga events tail`` beside the shop: a context manager; ``events`` are CloudEvents as they come."""

    def __init__(self, shop: Shop, *patterns: str) -> None:
        self._process = subprocess.Popen(
            shop.command("events", "tail", "--json", *patterns), env=shop.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self.events: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))

    def heard(self, wait_s: float = 0.05) -> bool:
        """Whether anything has come yet; waits a moment for it."""
        try:
            self.events.append(self._lines.get(timeout=wait_s))
        except queue.Empty:
            return False
        return True

    def until(self, enough: Any) -> list[dict[str, Any]]:
        """Collect events until ``enough(events)``; fails when that takes too long."""
        deadline = time.monotonic() + EVENT_S
        while not enough(self.events):
            try:
                self.events.append(self._lines.get(timeout=max(0.01, deadline - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"only these came: {[e['type'] for e in self.events]}") from None
        return self.events

    def __enter__(self) -> "Tail":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        self.status = self._process.wait(STOP_S)
        assert self._process.stdout is not None
        self._process.stdout.close()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _descendants(root: int) -> set[int]:
    """Every process below this one."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue  # it has ended meanwhile
    found: set[int] = {root}
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            return found - {root}
        found |= more
