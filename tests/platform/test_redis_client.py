"""The hot path's client: what it repeats and what it never does, what it calls a failure, how long it takes at most."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from renga.platform.redis import connection as connections
from renga.platform.redis.client import HotRedis, Script
from renga.platform.redis.errors import Full, NotSent, Refused, Unanswered
from tests.engines import resp
from tests.engines.process import free_port
from tests.platform.certificates import issue
from tests.platform.tcp import proxy

COUNT = Script("count", "#!lua\nreturn redis.call('INCRBY', KEYS[1], ARGV[1])")
FAIL = Script("fail", "#!lua\nreturn redis.error_reply('ODD the script says no')")


@asynccontextmanager
async def hot(url: str, **bounds: float) -> AsyncIterator[HotRedis]:
    client = HotRedis(url, **bounds)
    try:
        yield client
    finally:
        await client.close()


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


async def test_a_script_is_loaded_once_needed_and_again_after_the_server_forgot_it(redis_url: str) -> None:
    async with hot(redis_url) as client:
        assert await client.run(COUNT, ("{a}n",), (2,), repeatable=False) == 2
        for port in {
            port_of(one) for one in redis_url.replace("127.0.0.1", ",127.0.0.1").split(",") if one[:3] == "127"
        }:
            resp.command(port, "SCRIPT", "FLUSH")
        assert await client.run(COUNT, ("{a}n",), (3,), repeatable=False) == 5


async def test_many_scripts_at_once_that_the_server_does_not_know_each_run_once(redis_url: str) -> None:
    async with hot(redis_url, deadline_s=20, attempt_timeout_s=10) as client:
        calls = [client.run(COUNT, (f"{{{n % 50}}}n",), (1,), repeatable=False) for n in range(5_000)]
        await asyncio.gather(*calls)
        totals = await asyncio.gather(*(client.call(f"{{{n}}}n", "GET", f"{{{n}}}n") for n in range(50)))
    assert totals == [b"100"] * 50


async def test_an_error_reply_is_refused_with_the_servers_words_and_is_not_repeated(redis_url: str) -> None:
    async with hot(redis_url) as client:
        with pytest.raises(Refused, match="ODD the script says no"):
            await client.run(FAIL, ("{a}n",), (), repeatable=True)
        await client.call("{a}n", "SET", "{a}n", "text")
        with pytest.raises(Refused, match="not an integer"):
            await client.run(COUNT, ("{a}n",), (1,), repeatable=True)
        assert await client.call("{a}n", "GET", "{a}n") == b"text"


async def test_what_may_not_be_repeated_is_sent_once_and_its_outcome_is_unknown(valkey_url: str) -> None:
    async with proxy(valkey_url) as between, hot(between.url, attempt_timeout_s=0.2) as client:
        assert await client.run(COUNT, ("n",), (1,), repeatable=False) == 1
        between.deaf = True
        with pytest.raises(Unanswered):
            await client.run(COUNT, ("n",), (1,), repeatable=False)
        assert bytes(between.sent).count(b"EVALSHA") == 2
        between.deaf = False
        between.cut()
        assert await client.call("n", "GET", "n") == b"2"


async def test_what_may_be_repeated_is_sent_again_when_the_connection_is_cut_midway(valkey_url: str) -> None:
    async with proxy(valkey_url) as between, hot(between.url) as client:
        await client.run(COUNT, ("n",), (1,), repeatable=True)
        between.deaf = True
        call = asyncio.create_task(client.run(COUNT, ("n",), (1,), repeatable=True))
        while bytes(between.sent).count(b"EVALSHA") < 2:
            await asyncio.sleep(0)
        between.deaf = False
        between.cut()
        assert await call in (2, 3)
        assert bytes(between.sent).count(b"EVALSHA") == 3


@pytest.mark.parametrize("afterwards", ["refusing", "full"])
async def test_a_call_that_had_no_answer_stays_unknown_whatever_refuses_its_repetition(
    start_engine: Any, afterwards: str
) -> None:
    server = start_engine("valkey")
    async with proxy(server.url) as between, hot(between.url, attempt_timeout_s=0.2, deadline_s=0.8) as client:
        await client.run(COUNT, ("n",), (1,), repeatable=True)
        between.deaf = True
        call = asyncio.create_task(client.run(COUNT, ("n",), (1,), repeatable=True))
        while resp.command(port_of(server.url), "GET", "n") != "2":
            await asyncio.sleep(0)
        if afterwards == "full":
            resp.command(port_of(server.url), "CONFIG", "SET", "maxmemory", 1)
        between.refusing, between.deaf = afterwards == "refusing", False
        between.cut()
        with pytest.raises(Unanswered):
            await call
        assert resp.command(port_of(server.url), "GET", "n") == "2"


@pytest.mark.parametrize("repeatable", [True, False])
async def test_a_server_that_is_away_is_not_sent_and_nothing_happens_later(start_engine: Any, repeatable: bool) -> None:
    server = start_engine("valkey")
    async with hot(server.url, deadline_s=0.3) as client:
        await client.run(COUNT, ("n",), (1,), repeatable=repeatable)
        await asyncio.to_thread(server.kill)
        with pytest.raises(NotSent, match="cannot connect"):
            await client.run(COUNT, ("n",), (1,), repeatable=repeatable)
        await asyncio.to_thread(server.restart)
        assert await client.run(COUNT, ("n",), (1,), repeatable=repeatable) == 2


async def test_calls_made_while_a_server_restarts_wait_for_it(start_engine: Any) -> None:
    server = start_engine("valkey")
    async with hot(server.url, deadline_s=20) as client:
        await client.run(COUNT, ("n",), (1,), repeatable=True)
        await asyncio.to_thread(server.kill)
        calls = [asyncio.create_task(client.run(COUNT, ("n",), (1,), repeatable=False)) for _ in range(500)]
        await asyncio.to_thread(server.restart)
        assert sorted(await asyncio.gather(*calls)) == list(range(2, 502))


async def test_a_frozen_server_costs_a_call_its_deadline_and_no_more(start_engine: Any) -> None:
    server = start_engine("valkey")
    async with hot(server.url, attempt_timeout_s=0.2, deadline_s=0.5) as client:
        await client.call("n", "SET", "n", 1)
        server.pause()
        async with asyncio.timeout(10):
            results = await asyncio.gather(
                *(client.run(COUNT, ("n",), (1,), repeatable=n % 2 == 0) for n in range(200)), return_exceptions=True
            )
        server.resume()
        assert {type(result) for result in results} == {Unanswered}
        assert int(await client.call("n", "GET", "n")) >= 1


async def test_more_calls_than_may_be_in_flight_wait_their_turn_and_none_is_lost(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PENDING_MAX", 100)
    async with hot(valkey_url, deadline_s=20, attempt_timeout_s=10) as client:
        replies = await asyncio.gather(*(client.run(COUNT, ("n",), (1,), repeatable=False) for _ in range(1_000)))
    assert sorted(replies) == list(range(1, 1_001))


@pytest.mark.parametrize("engine", ["valkey", "redis7"])
async def test_a_full_server_says_so_and_still_reads(start_engine: Any, engine: str) -> None:
    server = start_engine(engine, "--maxmemory-policy", "noeviction")
    async with hot(server.url) as client:
        await client.call("n", "SET", "n", 1)
        resp.command(port_of(server.url), "CONFIG", "SET", "maxmemory", 1)
        with pytest.raises(Full):
            await client.run(COUNT, ("n",), (1,), repeatable=False)
        with pytest.raises(Full):
            await client.call("n", "SET", "n", 2)
        assert await client.call("n", "GET", "n") == b"1"
        resp.command(port_of(server.url), "CONFIG", "SET", "maxmemory", 0)
        assert await client.run(COUNT, ("n",), (1,), repeatable=False) == 2


@pytest.mark.parametrize("engine", ["valkey", "redis7"])
async def test_a_password_opens_and_a_wrong_one_is_told_without_showing_it(start_engine: Any, engine: str) -> None:
    server = start_engine(engine)
    port = port_of(server.url)
    resp.command(port, "ACL", "SETUSER", "shop", "on", ">p@ss/word", "~*", "+@all")
    resp.command(port, "CONFIG", "SET", "requirepass", "s3cret")
    for credentials in (":s3cret", "shop:p%40ss%2Fword"):
        async with hot(f"redis://{credentials}@127.0.0.1:{port}/2") as client:
            assert await client.call("k", "SET", "k", "v") == b"OK"
    for credentials, words in ((":wr0ng@", "WRONGPASS"), ("shop:s3cret@", "WRONGPASS"), ("", "NOAUTH")):
        async with hot(f"redis://{credentials}127.0.0.1:{port}/2", deadline_s=0.5) as client:
            with pytest.raises(NotSent, match=f"127.0.0.1:{port} refused .*{words}") as refused:
                await client.call("k", "SET", "k", "w")
            assert "wr0ng" not in str(refused.value)
            assert "s3cret" not in str(refused.value)
    async with hot(f"redis://:s3cret@127.0.0.1:{port}/2") as client:
        assert await client.call("k", "GET", "k") == b"v"


async def test_tls_is_spoken_to_a_server_of_a_known_authority_and_to_no_other(
    start_engine: Any, tmp_path: Path
) -> None:
    authority, certificate, key = issue(tmp_path)
    stranger = issue(tmp_path, "stranger")[0]
    port = free_port(55000)
    options = ["--tls-port", str(port), "--tls-auth-clients", "no", "--tls-ca-cert-file", str(authority)]
    start_engine("redis7", *options, "--tls-cert-file", str(certificate), "--tls-key-file", str(key))
    async with hot(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={authority}") as client:
        replies = await asyncio.gather(*(client.run(COUNT, ("n",), (1,), repeatable=False) for _ in range(1_000)))
        assert sorted(replies) == list(range(1, 1_001))
    async with hot(f"rediss://127.0.0.1:{port}/0?ssl_cert_reqs=none") as client:
        assert await client.call("n", "GET", "n") == b"1000"
    for unknown in (f"?ssl_ca_certs={stranger}", ""):
        async with hot(f"rediss://127.0.0.1:{port}/0{unknown}", deadline_s=1.0) as client:
            with pytest.raises(NotSent, match=r"(?i)certificate"):
                await client.call("n", "GET", "n")


async def test_closing_fails_what_is_in_flight_and_leaves_no_connection(start_engine: Any) -> None:
    server = start_engine("valkey")
    client = HotRedis(server.url)
    await client.call("n", "SET", "n", 1)
    blocked = asyncio.create_task(client.call("list", "BLPOP", "list", 0, repeatable=False))
    while resp.info(port_of(server.url), "clients")["blocked_clients"] != "1":
        await asyncio.sleep(0.01)
    await client.close()
    with pytest.raises(Unanswered):
        await blocked
    while resp.info(port_of(server.url), "clients")["connected_clients"] != "1":
        await asyncio.sleep(0.01)


async def test_many_commands_have_their_replies_in_their_order(redis_url: str) -> None:
    async with hot(redis_url) as client:
        for _ in range(2):  # the first time it does not know the server yet
            await client.call_all([("SET", f"{{{n}}}k", n) for n in range(300)])
            assert await client.call_all([("GET", f"{{{n}}}k") for n in range(301)]) == [
                *(str(n).encode() for n in range(300)),
                None,
            ]
        assert await client.call_all([]) == []


async def test_of_many_commands_one_that_is_refused_raises_and_the_others_are_done(redis_url: str) -> None:
    async with hot(redis_url) as client:
        await client.call("{a}text", "SET", "{a}text", "x")
        with pytest.raises(Refused, match="WRONGTYPE"):
            await client.call_all([("SET", "{a}1", 1), ("HGETALL", "{a}text"), ("SET", "{a}2", 2)])
        assert await client.call_all([("GET", "{a}1"), ("GET", "{a}2")]) == [b"1", b"2"]


async def test_many_commands_on_a_connection_that_is_lost_are_sent_again(valkey_url: str) -> None:
    async with hot(valkey_url, attempt_timeout_s=5, deadline_s=10) as client:
        await client.call("{a}n", "PING")
        many = [("SET", f"{{a}}{n}", n) for n in range(500)]
        killed = ("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no")
        assert len(await client.call_all([*many[:250], killed, *many[250:]])) == 501
        assert await client.call_all([("GET", f"{{a}}{n}") for n in range(500)]) == [
            str(n).encode() for n in range(500)
        ]


async def test_many_commands_leave_in_one_write_and_a_cancelled_batch_leaves_the_connection_usable(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = 0
    flush = connections.RedisConnection._flush

    def counting(self: connections.RedisConnection) -> None:
        nonlocal writes
        writes += 1
        flush(self)

    monkeypatch.setattr(connections.RedisConnection, "_flush", counting)
    async with hot(valkey_url) as client:
        await client.call("{a}n", "PING")
        writes = 0
        await client.call_all([("SET", f"{{a}}{n}", n) for n in range(500)])
        assert writes == 1
        batch = asyncio.create_task(client.call_all([("GET", f"{{a}}{n}") for n in range(500)]))
        await asyncio.sleep(0)
        batch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await batch
        assert await client.call_all([("GET", "{a}7"), ("GET", "{a}8")]) == [b"7", b"8"]
