"""Every guide and both READMEs, followed as written on the default data folder; with PORT and DATA chosen all are, in proofs."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.engines.process import free_port
from tests.flows.guides import Reader, blocks_of
from tests.flows.shop import STOP_S
from tests.proof import size

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.pt-BR.md", *sorted((ROOT / "docs" / "guides").glob("*.md"))]
#: Blocks that are not run here; another number means that somebody should look.
ELSEWHERE = {
    "README.md": 1,
    "README.pt-BR.md": 1,
    "catalogue.md": 1,
    "identity.md": 1,
    "new-domain.md": 1,
    "operations.md": 1,
}
START_S = 120.0
FOLLOWED = [page for page in PAGES if blocks_of(page)]
#: Followed with a chosen folder by every run of the tests; proofs follow all.
WITH_DATA = [page for page in FOLLOWED if page.name in ("cart.md", "import.md")]


class Checkout:
    """A folder like a fresh checkout, with a shop that runs there; ``environment`` is what its readers have."""

    def __init__(self, folder: Path, data: str | None) -> None:
        self.folder = folder
        for name in ("docs", "contracts"):
            (folder / name).symlink_to(ROOT / name)
        (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("RENGA_", "PORT", "DATA"))}
        self.environment = clean | {"PORT": str(free_port(55_000)), "XDG_STATE_HOME": str(folder / "state")}
        self.environment |= {"DATA": data} if data else {}
        self._log = folder / "up.log"
        option = ["--data", data] if data else []
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [".venv/bin/renga", "up", "--port", self.environment["PORT"], *option], cwd=folder, env=clean
                | {"XDG_STATE_HOME": str(folder / "state")}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def wait(self) -> None:
        deadline = time.monotonic() + START_S
        while not self._answers():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.environment['PORT']}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        self._process.terminate()
        assert self._process.wait(STOP_S) == 0, self._log.read_text()


def _checkout(folder: Path, data: str | None) -> Iterator[Checkout]:
    there = Checkout(folder, data)
    try:
        there.wait()
        yield there
    finally:
        there.stop()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    yield from _checkout(tmp_path_factory.mktemp("checkout"), None)


@pytest.fixture(scope="module")
def chosen_checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """With a port and a data folder of the reader's choice."""
    yield from _checkout(tmp_path_factory.mktemp("checkout"), "my data")


def _follow(checkout: Checkout, commands: Path, page: Path) -> None:
    before = set(checkout.folder.iterdir())
    assert Reader(checkout.folder, commands, checkout.environment).follow(page) == []
    assert set(checkout.folder.iterdir()) == before


@pytest.mark.parametrize("guide", FOLLOWED, ids=lambda page: page.name)
def test_a_page_does_what_it_says(checkout: Checkout, tmp_path: Path, guide: Path) -> None:
    _follow(checkout, tmp_path / "bin", guide)


@pytest.mark.proof
@pytest.mark.parametrize("guide", FOLLOWED if size() == "full" else WITH_DATA, ids=lambda page: page.name)
def test_a_page_does_what_it_says_with_a_chosen_port_and_folder(
    chosen_checkout: Checkout, tmp_path: Path, guide: Path
) -> None:
    _follow(chosen_checkout, tmp_path / "bin", guide)


def test_blocks_that_are_not_run_are_counted() -> None:
    elsewhere = {page.name: sum(block.elsewhere for block in blocks_of(page)) for page in PAGES}
    assert {name: count for name, count in elsewhere.items() if count} == ELSEWHERE
    assert sum(len(blocks_of(page)) for page in PAGES) - sum(ELSEWHERE.values()) >= 45


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("curl -s http://127.0.0.1:$PORT/v1/products/nothing", "404"),
        ("renga-that-is-not-there", "127"),
        (".venv/bin/renga export /nowhere/x.jsonl", "renga-failed 2"),
        ("X=$(.venv/bin/renga token ana --scope nope)", "renga-failed 2"),
        ("true\n```\n\n<!-- run: answers 404 -->\n```sh\ntrue", "not ['404']"),
        ("true\n```\n\n<!-- run: until stopped -->\n```sh\nfalse", "ended 1"),
    ],
)
def test_a_page_that_does_not_work_is_found(checkout: Checkout, tmp_path: Path, text: str, said: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\n```sh\n{text}\n```\n")
    failures = Reader(checkout.folder, tmp_path / "bin", checkout.environment).follow(page)
    assert len(failures) == 1, failures
    assert said in failures[0]
