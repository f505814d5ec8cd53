"""The embedded Valkey: keeps its data and its port, and is never two on one folder."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis.asyncio as redis

from renga.platform.engines.binaries import valkey_server
from renga.platform.engines.errors import EngineFailed
from renga.platform.engines.folder import DataFolder
from renga.platform.engines.valkey import Valkey
from tests.engines import resp
from tests.engines.process import free_port
from tests.support import eventually


@pytest.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[Valkey]:
    data = DataFolder(tmp_path / "data")
    with data.hold():
        engine = Valkey(data)
        yield engine
        await engine.stop(5)


def port_of(engine: Valkey) -> int:
    return int(engine.url.rpartition(":")[2])


async def setting(engine: Valkey, name: str) -> str:
    return str(resp.command(port_of(engine), "CONFIG", "GET", name)[1])


async def test_it_starts_with_the_settings_the_cart_needs(valkey: Valkey, tmp_path: Path) -> None:
    await valkey.start()
    await valkey.ping()
    names = ("appendonly", "appendfsync", "save", "maxmemory-policy", "bind", "dir")
    assert {name: await setting(valkey, name) for name in names} == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "bind": "127.0.0.1",
        "dir": str(tmp_path / "data" / "valkey"),
    }
    assert (await setting(valkey, "hash-max-listpack-value"), await setting(valkey, "hash-max-listpack-entries")) == (
        "1024",
        "512",
    )


async def test_a_second_start_finds_its_data_at_the_same_address(valkey: Valkey) -> None:
    await valkey.start()
    before = valkey.url
    assert resp.command(port_of(valkey), "SET", "cart", "kept") == "OK"
    await valkey.stop(5)
    assert valkey.pid is None
    await valkey.start()
    assert valkey.url == before
    assert resp.command(port_of(valkey), "GET", "cart") == "kept"


async def test_it_moves_when_somebody_else_has_taken_its_port(valkey: Valkey) -> None:
    await valkey.start()
    before = port_of(valkey)
    await valkey.stop(5)
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", before))
        stranger.listen()
        await valkey.start()
        assert port_of(valkey) != before
        await valkey.ping()


async def test_an_orphan_on_its_folder_is_stopped_before_it_starts(valkey: Valkey, tmp_path: Path) -> None:
    await valkey.start()
    await valkey.stop(5)
    folder, port = tmp_path / "data" / "valkey", free_port()
    command = [str(valkey_server()), str(folder / "valkey.conf"), "--port", str(port)]
    orphan = await asyncio.create_subprocess_exec(*command, cwd="/", stdout=asyncio.subprocess.DEVNULL)

    async def answers() -> bool:
        return resp.answers(port)

    await eventually(answers)
    assert resp.command(port, "SET", "written-by", "the orphan") == "OK"
    await valkey.start()
    assert await orphan.wait() == 0
    assert resp.command(port_of(valkey), "GET", "written-by") == "the orphan"


async def test_two_folders_work_side_by_side(valkey: Valkey, tmp_path: Path) -> None:
    other_data = DataFolder(tmp_path / "other")
    with other_data.hold():
        other = Valkey(other_data)
        await asyncio.gather(valkey.start(), other.start())
        try:
            resp.command(port_of(valkey), "SET", "a", "1")
            assert resp.command(port_of(other), "DBSIZE") == 0
        finally:
            await other.stop(5)


async def test_a_folder_whose_name_has_spaces_and_quotes_works(tmp_path: Path) -> None:
    data = DataFolder(tmp_path / 'my "shop" é')
    with data.hold():
        engine = Valkey(data)
        await engine.start()
        assert await setting(engine, "dir") == str(tmp_path / 'my "shop" é' / "valkey")
        await engine.stop(5)


async def test_a_broken_append_only_file_is_an_error_that_quotes_the_server(valkey: Valkey, tmp_path: Path) -> None:
    await valkey.start()
    await valkey.stop(5)
    (tmp_path / "data" / "valkey" / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(EngineFailed, match=r"valkey stopped while starting: .*manifest.*valkey\.log"):
        await valkey.start()
    assert valkey.pid is None


async def test_pinging_a_killed_server_fails(valkey: Valkey) -> None:
    await valkey.start()
    client = redis.from_url(valkey.url)
    assert await client.ping() is True
    await client.aclose()
    assert valkey.pid is not None
    os.kill(valkey.pid, signal.SIGKILL)
    assert await valkey.wait() == -signal.SIGKILL
    with pytest.raises(EngineFailed, match="valkey does not answer"):
        await valkey.ping()
