"""What tests cost: ``pytest -p tests.cost …`` (``make test-cost``) ends with CPU seconds by folder and the dearest tests.

Counted are user and system time of pytest and of every process below it, engines and browsers too; not what waits.
"""

import os
import resource
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DEAREST = 25
_TICKS = os.sysconf("SC_CLK_TCK")


def _below(pid: int) -> Iterator[int]:
    """The living processes under one, at any depth."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:  # ended while we look
        return
    for thread in threads:
        try:
            children = [int(word) for word in (thread / "children").read_text().split()]
        except OSError:  # the same
            continue
        for child in children:
            yield child
            yield from _below(child)


def _seconds(pid: int) -> float:
    """CPU of one process and of those children of it that have ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # ended while we read: its parent has its time by the next look
        return 0.0
    return sum(int(word) for word in stat.rpartition(")")[2].split()[11:15]) / _TICKS


def spent() -> float:
    """CPU seconds so far, of this process and all below it."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used) + sum(map(_seconds, _below(os.getpid())))


class Ledger:
    """CPU seconds by test; what no test caused stands under a name in brackets."""

    def __init__(self) -> None:
        self.by_test: defaultdict[str, float] = defaultdict(float)
        self._last = 0.0

    def charge(self, name: str) -> None:
        """All that was spent since the last charge."""
        now = spent()
        self.by_test[name] += now - self._last
        self._last = now

    def absorb(self, other: dict[str, float]) -> None:
        """What another process of this run has spent."""
        for name, seconds in other.items():
            self.by_test[name] += seconds

    def folders(self) -> list[tuple[str, int, float]]:
        """Folder, its tests, its seconds; the dearest first."""
        tests: Counter[str] = Counter()
        seconds: defaultdict[str, float] = defaultdict(float)
        for name, used in self.by_test.items():
            folder = name if name.startswith("(") else name.partition("::")[0].rpartition("/")[0]
            tests[folder] += not name.startswith("(")
            seconds[folder] += used
        return sorted(((folder, tests[folder], used) for folder, used in seconds.items()), key=lambda row: -row[2])

    def table(self) -> list[str]:
        """The folders, the whole, the dearest tests, as lines of text."""
        rows = self.folders()
        whole = ("all", sum(tests for _, tests, _ in rows), sum(used for *_, used in rows))
        dearest = sorted(self.by_test.items(), key=lambda row: -row[1])[:DEAREST]
        return [
            *(f"{used:>8.1f} s {tests:>6}  {folder}" for folder, tests, used in (*rows, whole)),
            *(f"{used:>8.2f} s  {name}" for name, used in dearest),
        ]


class Accountant:
    """The hooks, for a process that runs tests or sums up those that do."""

    def __init__(self) -> None:
        self.ledger = Ledger()

    def pytest_collection_finish(self) -> None:
        self.ledger.charge("(start and collection)")

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.ledger.charge(nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.ledger.charge("(end)")
        handed: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if handed is not None:
            handed["cost"] = dict(self.ledger.by_test)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.section("CPU seconds, tests, folder")
        for line in self.ledger.table():
            terminalreporter.write_line(line)


class Total(Accountant):
    """For the process whose tests run in others."""

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Charged where it ran."""

    def pytest_collection_finish(self) -> None:
        """Others collect."""

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Others end."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.ledger.absorb(getattr(node, "workeroutput", {}).get("cost", {}))


def pytest_configure(config: pytest.Config) -> None:
    elsewhere = getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput")
    config.pluginmanager.register(Total() if elsewhere else Accountant())
