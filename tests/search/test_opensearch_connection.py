"""What a search URL may say, and what a caller hears when the cluster does not answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from renga.platform.settings import SettingsInvalid
from renga.search.contract import SearchUnavailable
from renga.search.stores.opensearch.connection import Connection, Target, parse
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
    connection = Connection(parse(f"opensearch://127.0.0.1:{free_port()}"))
    with pytest.raises(SearchUnavailable):
        await connection.call("GET", "x")
    await connection.close()


@asynccontextmanager
async def connected(answer: bytes) -> AsyncIterator[Connection]:
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
    connection = Connection(parse(f"elasticsearch://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
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
