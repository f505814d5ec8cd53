"""Fixtures of the real engines; each is started when a test first asks for it. See ``tests/engines/``."""

import gc
import os
import secrets
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import pytest_asyncio

from tests import documented, proof
from tests.engines import chromium, java_server, resp
from tests.engines.registry import Registry, table

if TYPE_CHECKING:
    from tests.engines.databases import Databases

_engines = pytest.StashKey[Registry]()
_databases_of = pytest.StashKey["Databases"]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_engines] = Registry()


def pytest_report_header() -> str:
    return f"proofs: {proof.size()} counts ({proof.VARIABLE})"


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_engines].stop_all()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process among several hands its counts to the one that sums up."""
    handed: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if handed is not None:
        handed["engines"] = session.config.stash[_engines].rows()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Such a process has ended; one that crashed hands nothing."""
    node.config.stash[_engines].absorb(getattr(node, "workeroutput", {}).get("engines", []))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Any:
    from tests.engines.scheduling import scheduler  # only where xdist is

    return scheduler(config, log)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    registry = config.stash[_engines]
    terminalreporter.section("engines really exercised")
    for line in table(registry.rows()):
        terminalreporter.write_line(line)
    if path := os.environ.get("RENGA_TEST_ENGINES_REPORT"):
        registry.write(Path(path))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a page run in the loop that the session's browser lives in."""
    for item in items:
        if {"page", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(autouse=True)
def answers_are_documented(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test's client is answered from an address of the OpenAPI document must be in it; see ``tests/documented.py``."""
    if request.node.get_closest_marker("stand_ins"):
        return
    ask = httpx.AsyncClient.send
    ask_blocking = httpx.Client.send

    async def send(client: httpx.AsyncClient, *request: Any, **named: Any) -> httpx.Response:
        answer = await ask(client, *request, **named)
        documented.check_response(answer)
        return answer

    def send_blocking(client: httpx.Client, *request: Any, **named: Any) -> httpx.Response:
        answer = ask_blocking(client, *request, **named)
        documented.check_response(answer)
        return answer

    monkeypatch.setattr(httpx.AsyncClient, "send", send)
    monkeypatch.setattr(httpx.Client, "send", send_blocking)


@pytest.fixture
def sockets_left_by_pymongo() -> Iterator[None]:
    """For tests that close a client whose server is away. Cancelled while it connects, pymongo leaves its socket to the garbage
    collector (``_async_create_connection`` closes it for TimeoutError and OSError only), which would blame a later test."""
    yield
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"unclosed <socket\.socket", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="session")
def engines(request: pytest.FixtureRequest) -> Iterator[Registry]:
    """All engines of this run; they stop when the session ends, however it ends."""
    registry = request.config.stash[_engines]
    yield registry
    registry.stop_all()


@pytest.fixture
def start_engine(engines: Registry, request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """``start_engine("redis7", "--maxmemory", "8mb")``: an engine of the test's own, to kill and restart at will."""
    started: list[Any] = []

    def start(name: str, *options: Any, **named: Any) -> Any:
        engines.require(name)
        running = engines.start_private(name, *options, **named)
        started.append(running)
        engines.used(name, request.node.nodeid, running.version)
        return running

    yield start
    for running in started:
        running.discard()


def _redis(engines: Registry, name: str, test: str) -> str:
    running = engines.shared(name, test)
    if name == "cluster":
        running.flush()
    else:
        resp.command(int(running.url.rpartition(":")[2]), "FLUSHALL")
    return str(running.url)


@pytest.fixture
def valkey_url(engines: Registry, request: pytest.FixtureRequest) -> str:
    """The session's embedded Valkey, emptied."""
    return _redis(engines, "valkey", request.node.nodeid)


@pytest.fixture(params=["valkey", "redis7", "cluster"])
def redis_url(engines: Registry, request: pytest.FixtureRequest) -> str:
    """Every server of the Redis family that this machine has, emptied: one test run each."""
    return _redis(engines, request.param, request.node.nodeid)


@pytest.fixture
def rabbitmq_url(engines: Registry, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh vhost on the session's RabbitMQ."""
    running = engines.shared("rabbitmq", request.node.nodeid)
    name = f"test-{secrets.token_hex(4)}"
    yield running.new_vhost(name)
    running.drop_vhost(name)


@pytest.fixture(params=["redis", "rabbitmq"])
def bus_url(request: pytest.FixtureRequest) -> str:
    """Every engine of the bus that this machine has, empty: Redis Streams on Valkey, RabbitMQ."""
    return str(request.getfixturevalue("valkey_url" if request.param == "redis" else "rabbitmq_url"))


def _search_server(engines: Registry, name: str, test: str) -> str:
    running = engines.shared(name, test)
    java_server.wipe(running)
    return str(running.url)


@pytest.fixture
def opensearch_url(engines: Registry, request: pytest.FixtureRequest) -> str:
    """The session's real OpenSearch, without an index."""
    return _search_server(engines, "opensearch", request.node.nodeid)


@pytest.fixture
def elasticsearch_url(engines: Registry, request: pytest.FixtureRequest) -> str:
    """The session's real Elasticsearch, without an index."""
    return _search_server(engines, "elasticsearch", request.node.nodeid)


@pytest.fixture
def databases(request: pytest.FixtureRequest) -> "Databases":
    """The session's PostgreSQL databases, to take one from and give it back."""
    from tests.engines.databases import Databases  # with the migrations; not before a test needs them: most do not

    registry, stash = request.config.stash[_engines], request.config.stash
    server = registry.shared("postgres", request.node.nodeid).url
    if _databases_of not in stash:
        stash[_databases_of] = Databases(server)
    return stash[_databases_of]


@pytest.fixture
async def empty_database_url(databases: "Databases") -> AsyncIterator[str]:
    """A fresh PostgreSQL database with nothing in it."""
    url = await databases.new()
    yield url
    await databases.drop(url)


@pytest.fixture
async def database_url(databases: "Databases") -> AsyncIterator[str]:
    """A PostgreSQL database in which every domain's migrations have run, as if fresh: no row of another test."""
    url = await databases.take()
    yield url
    await databases.give_back(url)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(engines: Registry) -> AsyncIterator[Any]:
    """The machine's Chromium through Playwright's async API; its tests share one event loop, see below."""
    engines.require("chromium")
    from playwright.async_api import async_playwright  # heavy; only the browser's tests pay for it

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium.binary(), args=list(chromium.ARGUMENTS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Any, engines: Registry, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """A blank page in a context of its own."""
    engines.used("chromium", request.node.nodeid, f"chromium {browser.version}")
    context = await browser.new_context()
    yield await context.new_page()
    await context.close()
