"""The engines that tests rely on really are what they say: they answer, keep data over a restart and start empty."""

import asyncio
import json
import os
import urllib.request
from collections.abc import Callable
from typing import Any

import aio_pika
import asyncpg
import pytest
import redis.asyncio as redis
from pymongo import AsyncMongoClient
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.engines import cluster, jars, resp
from tests.engines.registry import Registry, table
from tests.support import eventually


async def test_redis_like_servers_start_empty_and_answer(redis_url: str) -> None:
    port = int(redis_url.rpartition(":")[2])
    assert resp.command(port, "DBSIZE") == 0
    assert resp.command(port, "PING") == "PONG"


async def test_a_killed_server_comes_back_with_its_data_on_the_same_port(start_engine: Callable[..., Any]) -> None:
    server = start_engine("valkey")
    client = redis.from_url(server.url)
    await client.set("kept", "yes")
    server.kill()
    with pytest.raises(RedisConnectionError):
        await client.get("kept")
    await asyncio.to_thread(server.restart)
    assert await client.get("kept") == b"yes"
    await client.aclose()


async def test_a_cluster_gives_a_killed_masters_slots_to_its_replica(start_engine: Callable[..., Any]) -> None:
    running: cluster.Cluster = start_engine("cluster")
    victim = running.masters()[0]
    before = {node.url for node in running.masters()}
    victim.kill()

    async def taken_over() -> bool:
        return len(running.masters()) == cluster.MASTERS

    await eventually(taken_over, timeout_s=20)
    assert {node.url for node in running.masters()} & before == before - {victim.url}
    await asyncio.to_thread(running.restart)
    assert len(victim.pids) == 1
    assert victim not in running.masters()


async def test_rabbitmq_takes_and_gives_a_message(rabbitmq_url: str) -> None:
    connection = await aio_pika.connect(rabbitmq_url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("q", durable=True, arguments={"x-queue-type": "quorum"})
        await channel.default_exchange.publish(aio_pika.Message(b"fact"), routing_key="q")
        message = await queue.get()
        assert message.body == b"fact"


async def test_an_empty_database_has_no_tables_of_ours(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)
    count = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema)'")
    await connection.close()
    assert count == 0


@pytest.mark.parametrize("name", ["opensearch", "elasticsearch"])
def test_search_servers_are_real_ones_of_the_pinned_version(engines: Registry, name: str, request: Any) -> None:
    running = engines.shared(name, request.node.nodeid)
    with urllib.request.urlopen(running.url.replace(name, "http", 1), timeout=10) as response:
        about = json.load(response)
    assert about["version"]["number"] == {"opensearch": "3.8.0", "elasticsearch": "7.10.2"}[name]
    assert about["version"].get("distribution", "elasticsearch") == name
    assert running.url.startswith(f"{name}://127.0.0.1:")


def test_a_machine_without_a_fitting_jdk_or_maven_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(jars, "JDK_FOLDERS", ())
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert jars.missing("opensearch", 21) == "no JDK 21 or newer is installed"
    (tmp_path / "jdk" / "bin").mkdir(parents=True)
    (tmp_path / "jdk" / "bin" / "javac").touch()
    (tmp_path / "jdk" / "release").write_text('IMPLEMENTOR="x"\nJAVA_VERSION="21.0.2"\n')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert jars.missing("opensearch", 25) == "no JDK 25 or newer is installed"
    assert (
        jars.missing("opensearch", 21) == "its jars are not in the cache and Maven (mvn) is not installed to copy them"
    )
    jars.folder("opensearch").mkdir(parents=True)
    assert jars.missing("opensearch", 21) is None


def test_jars_that_cannot_be_copied_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho '[ERROR] the network is away'\nexit 1\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert jars.copy("opensearch") == "Maven could not copy its jars: [ERROR] the network is away"
    assert not jars.folder("opensearch").exists()
    assert [path.suffix for path in jars.cache_folder().iterdir()] == [".lock"]


async def test_chromium_shows_a_page(page: Any) -> None:
    await page.set_content("<h1>Renga</h1>")
    assert await page.inner_text("h1") == "Renga"


def test_a_missing_engine_is_reported_with_its_reason() -> None:
    row = {"engine": "redis7", "version": "", "tests": 0, "missing": "redis-server is not installed"}
    assert table([row])[1] == f"{'redis7':<13} {0:>6}  missing: redis-server is not installed"


def test_servers_are_other_processes(start_engine: Callable[..., Any]) -> None:
    server = start_engine("valkey")
    (pid,) = server.pids
    assert pid != os.getpid()
    server.stop()
    assert server.pids == []


async def test_secantusdb_keeps_its_data_over_a_restart(start_engine: Callable[..., Any]) -> None:
    server = start_engine("secantusdb")
    assert os.getpid() not in server.pids
    async with AsyncMongoClient[dict[str, Any]](server.url) as client:
        await client["test"]["kept"].insert_one({"_id": 1, "kept": "yes"})
    await asyncio.to_thread(server.restart)
    async with AsyncMongoClient[dict[str, Any]](server.url) as client:
        assert await client["test"]["kept"].find().to_list() == [{"_id": 1, "kept": "yes"}]
