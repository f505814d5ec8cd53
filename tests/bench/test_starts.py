"""Every benchmark still starts: its modules, its options, the requests that it sends, the contracts that it calls."""

import asyncio
import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from bench import catalogue, goals, graphql_plan, identity, redis_clients, search
from bench.carts import Item, Made
from bench.figures import Figures
from bench.throughput import cycles
from renga.domains.catalog.model import Draft
from renga.domains.catalog.rows.drafts import draft_of
from renga.domains.search.contract import Suggestion
from renga.domains.search.model.document import Document
from renga.platform.postgres.pool import open_pool
from tests.bff.shop import GraphShop
from tests.identity.organisations.house import House

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.stem for path in (ROOT / "bench").glob("*.py") if path.stem != "__init__")
#: What ``make`` and the bench's README tell to run.
COMMANDS = sorted(
    set(re.findall(r"-m (bench(?:\.\w+)?)\b", (ROOT / "Makefile").read_text() + (ROOT / "bench/README.md").read_text()))
)
#: Cells whose answers need an index.
OF_SEARCH = ("REST search", "suggest")


@pytest.mark.parametrize("name", MODULES)
def test_every_module_of_the_bench_can_be_imported(name: str) -> None:
    assert importlib.import_module(f"bench.{name}").__doc__


def test_the_makefile_and_the_readme_name_what_can_be_run() -> None:
    assert {"bench", "bench.catalogue", "bench.graphql_plan", "bench.identity", "bench.idle"} <= set(COMMANDS)
    assert {"bench.redis_clients", "bench.search"} <= set(COMMANDS)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "bench.graphql_plan"])  # it has no options
def test_every_command_tells_its_options(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = importlib.import_module("bench.__main__" if name == "bench" else name)
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    takes_arguments = bool(inspect.signature(module.main).parameters)

    def start() -> None:
        started = module.main(["--help"]) if takes_arguments else module.main()
        asyncio.run(started)

    with pytest.raises(SystemExit) as left:
        start()
    assert left.value.code == 0
    assert "--help" in capsys.readouterr().out


def test_the_goals_are_of_operations_that_are_measured() -> None:
    made = Made(["01a2198e-8f41-7d86-a488-87ed820a21bc"], (Item("MUG", "Caneca", {"BRL": 1}),), ("q1mJ0fXyZ2aB",))
    assert goals.ADD in cycles(made)
    assert set(catalogue.cells()) >= {name for name, _ in catalogue.GOALS}


@pytest.mark.parametrize("name", [name for name in catalogue.cells() if name not in OF_SEARCH])
async def test_the_requests_of_the_catalogues_bench_are_answered(name: str) -> None:
    async with GraphShop().client() as client:
        for raw in catalogue.cells()[name][:2]:
            head, _, body = raw.partition(b"\r\n\r\n")
            method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
            answer = await client.request(method, target, content=body, headers={"content-type": "application/json"})
            found = msgspec.json.decode(answer.content)
            assert (answer.status_code, "errors" in found) == (200, False), found


@pytest.mark.parametrize("name", OF_SEARCH)
def test_the_requests_to_search_are_in_the_openapi_document(name: str) -> None:
    (raw,) = catalogue.cells()[name]
    target = urlsplit(raw.split(b" ")[1].decode())
    operation = json.loads((ROOT / "contracts/openapi.json").read_text())["paths"][target.path]["get"]
    assert set(parse_qs(target.query)) <= {parameter["name"] for parameter in operation["parameters"]}


def test_rows_that_are_generated_for_the_import_are_products(tmp_path: Path) -> None:
    rows = catalogue.write_generated(tmp_path / "rows.jsonl", 5).read_bytes().splitlines()
    drafts = [draft_of(msgspec.json.decode(row), {}) for row in rows]
    assert [type(draft) for draft in drafts] == [Draft] * 5
    assert all(draft.variants[0].prices["BRL"] > 0 for draft in drafts)


def test_the_catalogues_table_has_rates_and_cpu_of_both() -> None:
    slow = Figures(requests=1_000, seconds=2.0, failed=0, p50_us=1.0, p95_us=9_000.0, p99_us=1.0)
    fast = msgspec.structs.replace(slow, requests=4_000, failed=3)
    cells = {
        False: catalogue.CatalogueCell(slow, {"web": 250.0, "postgres": 80.0}),
        True: catalogue.CatalogueCell(fast, {"web": 40.0, "postgres": 0.0}),
    }
    _, row, failures = catalogue.table({"REST list of 20": cells}).splitlines()
    assert row.split()[4:] == ["500", "9.0", "250", "80", "2000", "9.0", "4.0", "not", "kept", ">=", "3000"]
    assert failures.split()[-2:] == ["0,", "3"]


async def test_the_plans_bench_measures_every_part() -> None:
    rows, size = await graphql_plan.measured(1, 1)
    assert all(microseconds > 0 for microseconds in rows.values())
    assert size > 10_000


async def test_identitys_bench_gets_its_keys(database_url: str) -> None:
    pool = await open_pool(database_url)
    try:
        house = House(pool)
        account = await house.person("ana", "customer")
        keys = await identity.keys_of(house.keys, account, house.clock.now_ms())
    finally:
        await pool.close()
    assert len(set(keys)) == identity.KEYS


async def test_the_redis_clients_bench_runs(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"CONCURRENCY": (1, 2), "CALLS": 4, "CALLS_ALONE": 2, "CARTS": 3}.items():
        monkeypatch.setattr(redis_clients, name, value)
    await redis_clients.run(valkey_url, 1)
    table = capsys.readouterr().out
    assert "| add | 1 | HotRedis |" in table
    assert "| get | 2 | redis-py |" in table


class ListedIndex:
    """A search index that knows every document and answers with those whose slug has the first word."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}

    async def prepare(self) -> None:
        self.documents.clear()

    async def begin_rebuild(self) -> str:
        return "1"

    async def put_into(self, generation: str, documents: Iterable[Document]) -> None:
        self.documents |= {one.product_id: one for one in documents}

    async def finish_rebuild(self, generation: str) -> None:
        assert self.documents

    async def search(self, question: Any) -> Any:
        word = question.query.text.partition(" ")[0]
        return msgspec.defstruct("Found", [("hits", list)])(
            [one for one in self.documents.values() if word in one.slug]
        )

    async def correct(self, text: str, *, language: str) -> str | None:
        return None

    async def suggest(self, text: str, **_: Any) -> Sequence[Suggestion]:
        return ()


async def test_the_search_bench_fills_an_index_and_asks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "QUERIES", 5)
    monkeypatch.setattr(search, "WARM_UP", 1)
    index: Any = ListedIndex()
    count, _ = await search.fill(index, search.demo())
    assert count == len(index.documents) > 50
    kinds = await search.relevance(index, search.judged("demo", [])["demo"][:5])
    assert sum(map(len, kinds.values())) == 5
    assert set(await search.latency(index)) == {"search", "search, facets", "suggest"}
    assert (await search.fill(index, search.generated(3)))[0] == 3
