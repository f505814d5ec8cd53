"""The URL of a search cluster, and the errors when the cluster does not respond."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from renga.domains.search.contract import SearchUnavailable
from renga.domains.search.stores.opensearch import writing
from renga.domains.search.stores.opensearch.connection import OpenSearchConnection, Target, parse
from renga.platform.retrying import Retries
from renga.platform.settings import SettingsInvalid
from tests.engines.process import free_port


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("opensearch://search", Target(hosts=(("search", 9200),), tls=False)),
        ("elasticsearchs://a:9201,b/shop-1", Target(hosts=(("a", 9201), ("b", 9200)), tls=True, prefix="shop-1")),
        (
            "opensearchs://renga:p%40ss@[::1]:9243?ssl_ca_certs=/ca.pem",
            Target(hosts=(("::1", 9243),), tls=True, username="renga", password="p@ss", tls_ca="/ca.pem"),
        ),
    ],
)
def test_a_url_names_hosts_credentials_and_a_prefix(url: str, target: Target) -> None:
    assert parse(url) == target


@pytest.mark.parametrize(
    "url", ["http://search:9200", "opensearch://u:secret@search:x", "opensearch://", "opensearch://u:secret@h/Shop_1"]
)
def test_a_wrong_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        parse(url)
    assert "secret" not in str(refused.value)


async def test_nobody_at_the_port_is_search_unavailable() -> None:
    connection = OpenSearchConnection(parse(f"opensearch://127.0.0.1:{free_port()}"))
    with pytest.raises(SearchUnavailable):
        await connection.call("GET", "x")
    await connection.close()


@asynccontextmanager
async def connected(answer: bytes) -> AsyncIterator[OpenSearchConnection]:
    """A connection to a server that says only this, whatever it is asked."""
    handled = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handled.append(asyncio.current_task())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await reader.read()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    connection = OpenSearchConnection(parse(f"elasticsearch://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    yield connection
    await connection.close()
    server.close()
    await asyncio.gather(*[task for task in handled if task])


async def test_a_server_that_keeps_silent_is_late() -> None:
    async with connected(b"") as connection:
        with pytest.raises(SearchUnavailable, match=r"within 0\.2 s"):
            await connection.call("GET", "x", timeout_s=0.2)


async def test_an_answer_that_is_no_json_is_search_unavailable() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n"
    async with connected(head + b"{oops") as connection:
        with pytest.raises(SearchUnavailable, match="cannot be read"):
            await connection.call("GET", "x")


def answer(status: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (status, len(body), body)


FULL = answer(b"429 Too Many Requests", b'{"error": {"type": "circuit_breaking_exception"}, "status": 429}')
QUEUE_FULL = answer(
    b"200 OK", b'{"errors": true, "items": [{"update": {"status": 429, "error": {"type": "es_rejected_execution"}}}]}'
)
TAKEN = answer(b"200 OK", b'{"errors": false, "items": []}')


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[OpenSearchConnection, list[bytes]]]:
    """A connection to a server that gives these answers in turn, the last one for ever; and the bodies it was sent."""
    bodies: list[bytes] = []
    handled: list[asyncio.Task[Any] | None] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handled.append(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError):  # the client has gone
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = next(int(line[15:]) for line in head.lower().splitlines() if line.startswith(b"content-length:"))
                bodies.append(await reader.readexactly(size))
                writer.write(answers[min(len(bodies), len(answers)) - 1])
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    connection = OpenSearchConnection(parse(f"opensearch://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    try:
        yield connection, bodies
    finally:
        await connection.close()
        server.close()
        await asyncio.gather(*[task for task in handled if task])


async def test_a_write_waits_for_servers_that_are_busy_and_goes_again_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BUSY_RETRIES", Retries(attempts_max=10, wait_min_ms=1, wait_max_ms=4))
    async with answering(FULL, QUEUE_FULL, FULL, TAKEN) as (connection, bodies):
        await writing.set_popularity(connection, "shop", {"p1": 0.5})
    assert len(bodies) == 4
    assert set(bodies) == {bodies[0]}


async def test_a_write_gives_up_servers_that_stay_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BUSY_RETRIES", Retries(attempts_max=4, wait_min_ms=1, wait_max_ms=4))
    async with answering(FULL) as (connection, bodies):
        with pytest.raises(SearchUnavailable, match=r"busy.*429"):
            await writing.set_popularity(connection, "shop", {"p1": 0.5})
    assert len(bodies) == 4
