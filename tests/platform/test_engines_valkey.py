"""The embedded Valkey: keeps its data, its port and its password, and is never two on one folder."""

import asyncio
import os
import signal
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import hiredis
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
    return str(resp.command(engine.url, "CONFIG", "GET", name)[1])


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
    assert resp.command(valkey.url, "SET", "cart", "kept") == "OK"
    await valkey.stop(5)
    assert valkey.pid is None
    await valkey.start()
    assert valkey.url == before
    assert resp.command(valkey.url, "GET", "cart") == "kept"


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
    where = valkey.url.replace(str(port_of(valkey)), str(port))
    command = [str(valkey_server()), str(folder / "valkey.conf"), "--port", str(port)]
    orphan = await asyncio.create_subprocess_exec(*command, cwd="/", stdout=asyncio.subprocess.DEVNULL)

    async def answers() -> bool:
        return resp.answers(where)

    await eventually(answers)
    assert resp.command(where, "SET", "written-by", "the orphan") == "OK"
    await valkey.start()
    assert await orphan.wait() == 0
    assert resp.command(valkey.url, "GET", "written-by") == "the orphan"


async def test_two_folders_work_side_by_side(valkey: Valkey, tmp_path: Path) -> None:
    other_data = DataFolder(tmp_path / "other")
    with other_data.hold():
        other = Valkey(other_data)
        await asyncio.gather(valkey.start(), other.start())
        try:
            resp.command(valkey.url, "SET", "a", "1")
            assert resp.command(other.url, "DBSIZE") == 0
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


def _modes(folder: Path) -> dict[str, int]:
    return {name: stat.S_IMODE((folder / name).stat().st_mode) for name in ("password", "url", "valkey.conf")}


def _arguments() -> bytes:
    """The command lines of every process of this machine, as any user may list them."""
    return b"\n".join(_read(entry / "cmdline") for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # the process has ended meanwhile
        return b""


async def test_nobody_gets_in_without_the_password_and_nobody_else_can_read_it(valkey: Valkey, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        await valkey.start()
    finally:
        os.umask(before)
    address = urlsplit(valkey.url)
    for url in (f"redis://127.0.0.1:{address.port}", f"redis://:{'x' * 43}@127.0.0.1:{address.port}"):
        with pytest.raises(hiredis.ReplyError, match=r"NOAUTH|WRONGPASS"):
            resp.command(url, "GET", "cart")
    folder = tmp_path / "data" / "valkey"
    assert _modes(folder) == {"password": 0o600, "url": 0o600, "valkey.conf": 0o600}
    assert (folder / "url").read_text() == f"{valkey.url}\n"
    password = str(address.password).encode()
    assert len(password) >= 43
    assert str(folder / "valkey.conf").encode() in _arguments()
    assert password not in _arguments()
    assert password not in (tmp_path / "data" / "valkey.log").read_bytes()


async def test_each_folder_has_a_password_of_its_own_that_a_restart_keeps(valkey: Valkey, tmp_path: Path) -> None:
    await valkey.start()
    await valkey.stop(5)
    other_data = DataFolder(tmp_path / "other")
    with other_data.hold():
        again, other = Valkey(DataFolder(tmp_path / "data")), Valkey(other_data)
        await asyncio.gather(again.start(), other.start())
        await asyncio.gather(again.stop(5), other.stop(5))
    assert again.url == valkey.url
    assert urlsplit(other.url).password != urlsplit(valkey.url).password


async def test_a_folder_of_an_earlier_version_gets_a_password_and_keeps_its_data(
    valkey: Valkey, tmp_path: Path
) -> None:
    folder, port = tmp_path / "data" / "valkey", free_port()
    folder.mkdir(parents=True)
    (folder / "port").write_text(f"{port}\n")
    (folder / "valkey.conf").write_text(f"bind 127.0.0.1\nport {port}\ndir {folder}\nappendonly yes\n")
    (folder / "valkey.conf").chmod(0o644)
    command = [str(valkey_server()), str(folder / "valkey.conf")]
    earlier = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=asyncio.subprocess.DEVNULL)

    async def answers() -> bool:
        return resp.answers(port)

    await eventually(answers)
    resp.command(port, "SET", "cart", "kept")
    await valkey.start()
    assert await earlier.wait() == 0
    assert port_of(valkey) == port
    assert resp.command(valkey.url, "GET", "cart") == "kept"
    assert set(_modes(folder).values()) == {0o600}


@pytest.mark.parametrize(("content", "mode"), [("", 0o600), ("short\n", 0o600), ("x" * 43, 0o644)])
async def test_a_password_that_is_no_good_or_was_open_to_others_is_replaced(
    valkey: Valkey, tmp_path: Path, content: str, mode: int
) -> None:
    file = tmp_path / "data" / "valkey" / "password"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    file.chmod(mode)
    (file.parent / "password.new").write_text("left by a killed start")
    await valkey.start()
    assert urlsplit(valkey.url).password == file.read_text().strip() != content
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
