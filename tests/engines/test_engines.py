"""The engines that tests rely on really are what they say: they answer, keep data over a restart and start empty."""

import asyncio
import os
from collections.abc import Callable
from typing import Any

import aio_pika
import asyncpg
import pytest
import redis.asyncio as redis
from pymongo import AsyncMongoClient
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.engines import cluster, resp
from tests.engines.registry import table
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


async def test_chromium_shows_a_page(page: Any) -> None:
    await page.set_content("<h1>Renga</h1>")
    assert await page.inner_text("h1") == "Renga"


def test_a_missing_engine_is_reported_with_its_reason() -> None:
    row = {"engine": "redis7", "version": "", "tests": 0, "missing": "redis-server is not installed"}
    assert table([row])[1] == f"{'redis7':<10} {0:>6}  missing: redis-server is not installed"


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
