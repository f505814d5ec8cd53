"""Which engines this run really exercised: each started once when first asked for, counted, stopped and reported."""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engines import (
    chromium,
    cluster,
    elasticsearch,
    gofakes3,
    localstripe,
    mongodb,
    opensearch,
    postgres,
    rabbitmq,
    redis7,
    valkey,
)
from tests.engines.process import Running, new_folder, remove_folder

AVAILABLE: dict[str, Callable[[], str | None]] = {
    "valkey": valkey.available,
    "redis7": redis7.available,
    "cluster": cluster.available,
    "rabbitmq": rabbitmq.available,
    "postgres": postgres.available,
    "opensearch": opensearch.available,
    "elasticsearch": elasticsearch.available,
    "secantusdb": mongodb.available,
    "mongodb": mongodb.named_available,
    "chromium": chromium.available,
    "gofakes3": gofakes3.available,
    "localstripe": localstripe.available,
}
START: dict[str, Callable[..., Any]] = {
    "valkey": valkey.start,
    "redis7": redis7.start,
    "cluster": cluster.start,
    "rabbitmq": rabbitmq.start,
    "postgres": postgres.start,
    "secantusdb": mongodb.start,
    "mongodb": mongodb.named,
    "gofakes3": gofakes3.start,
    "localstripe": localstripe.start,
    "opensearch": opensearch.start,
    "elasticsearch": elasticsearch.start,
}
#: What is fetched before the first start; not asked when no test wants the engine.
PREPARE: dict[str, Callable[[], str | None]] = {
    "opensearch": opensearch.prepare,
    "elasticsearch": elasticsearch.prepare,
}


class Registry:
    """The engines of one pytest run."""

    def __init__(self) -> None:
        self._running: dict[str, Any] = {}
        self._folders: list[Path] = []
        self._missing: dict[str, str | None] = {}
        self._versions: dict[str, str] = {}
        self._tests: dict[str, set[str]] = defaultdict(set)
        self._elsewhere: Counter[str] = Counter()

    def missing(self, name: str) -> str | None:
        """Why an engine cannot be used here; None if it can."""
        if name not in self._missing:
            self._missing[name] = AVAILABLE[name]()
        return self._missing[name]

    def shared(self, name: str, test: str) -> Any:
        """The session's engine, started when first asked for; skips the test, with the reason, if it is missing."""
        self.require(name)
        if name not in self._running:
            self._running[name] = self.start_private(name)
        self.used(name, test, self._running[name].version)
        return self._running[name]

    def require(self, name: str) -> None:
        """Skip the test that is running, with the reason, if the engine is missing."""
        if self.missing(name) is None and name in PREPARE and name not in self._running:
            self._missing[name] = PREPARE[name]()
        if reason := self.missing(name):
            pytest.skip(f"{name}: {reason}")

    def start_private(self, name: str, *options: Any, **named: Any) -> Any:
        """An engine of one's own, in a new folder; the caller stops it."""
        folder = new_folder(name)
        self._folders.append(folder)
        running: Running = START[name](folder, *options, **named)
        return running

    def used(self, name: str, test: str, version: str) -> None:
        """Count a test for an engine, under the version that the server itself reported."""
        self._versions[name] = version
        self._tests[name].add(test)

    def stop_all(self) -> None:
        """Stop every shared engine and remove the folders; all are tried, the first failure is raised at the end."""
        failures = []
        for running in reversed(list(self._running.values())):
            try:
                running.discard()
            except Exception as error:  # the others must be stopped too; raised below
                failures.append(error)
        self._running.clear()
        for folder in self._folders:
            remove_folder(folder)
        if failures:
            raise failures[0]

    def rows(self) -> list[dict[str, Any]]:
        """Name, version, number of tests and, for a missing engine, the reason."""
        return [
            {
                "engine": name,
                "version": self._versions.get(name, ""),
                "tests": len(self._tests[name]) + self._elsewhere[name],
                "missing": self.missing(name),
            }
            for name in AVAILABLE
        ]

    def absorb(self, rows: list[dict[str, Any]]) -> None:
        """Count what another process of this run has exercised."""
        for row in rows:
            self._versions[row["engine"]] = row["version"] or self._versions.get(row["engine"], "")
            self._elsewhere[row["engine"]] += row["tests"]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.rows(), indent=2) + "\n")


def table(rows: list[dict[str, Any]]) -> list[str]:
    """The rows as lines of text."""
    lines = [f"{'engine':<13} {'tests':>6}  version, or why it was not exercised"]
    for row in rows:
        said = row["version"] or (
            f"missing: {row['missing']}" if row["missing"] else "there, but no test of this run asked for it"
        )
        lines.append(f"{row['engine']:<13} {row['tests']:>6}  {said}")
    return lines


if __name__ == "__main__":
    sys.stdout.write("\n".join(table(json.loads(Path(sys.argv[1]).read_text()))) + "\n")
