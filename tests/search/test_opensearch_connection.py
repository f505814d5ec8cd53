"""What a search URL may say, and what a caller hears when the cluster does not answer."""

import asyncio

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


async def test_a_server_that_keeps_silent_is_late() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connection = Connection(parse(f"elasticsearch://127.0.0.1:{port}"))
    with pytest.raises(SearchUnavailable):
        await connection.call("GET", "x", timeout_s=0.2)
    await connection.close()
    server.close()


async def test_an_answer_that_is_no_json_is_search_unavailable() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\nconnection: close\r\n\r\n{oops"
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connection = Connection(parse(f"opensearch://127.0.0.1:{port}"))
    with pytest.raises(SearchUnavailable):
        await connection.call("GET", "x")
    await connection.close()
    server.close()
