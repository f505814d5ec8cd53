"""The auto-pipelining connection: what leaves when, in which order replies resolve, and what a lost call is called."""

import asyncio
import time
from typing import Any
from urllib.parse import urlsplit

import hiredis
import pytest

from renga.platform.redis import connection as module
from renga.platform.redis.connection import RedisConnection, ServerAddress, open_connection
from renga.platform.redis.errors import NotSent, Unanswered
from tests.engines import resp
from tests.platform.tcp import proxy
from tests.support import eventually

PATIENT_S = 30.0


class Wire(asyncio.Transport):
    """A transport that remembers each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.aborted = False

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def abort(self) -> None:
        self.aborted = True


def wired() -> tuple[RedisConnection, Wire]:
    connection, wire = RedisConnection(asyncio.get_running_loop()), Wire()
    connection.connection_made(wire)
    return connection, wire


def packed(*words: Any) -> bytes:
    command: bytes = hiredis.pack_command(words)
    return command


def at(url: str) -> ServerAddress:
    parts = urlsplit(url)
    return ServerAddress(host=parts.hostname or "", port=parts.port or 0)


def outcome(future: "asyncio.Future[Any]") -> Any:
    """The reply, or the class of the failure."""
    error = future.exception()
    return future.result() if error is None else type(error)


async def test_commands_of_one_loop_turn_leave_in_one_write() -> None:
    connection, wire = wired()
    futures = [connection.call(packed("ECHO", n), PATIENT_S) for n in range(100)]
    assert wire.writes == []
    await asyncio.sleep(0)
    assert wire.writes == [b"".join(packed("ECHO", n) for n in range(100))]
    futures.append(connection.call(packed("PING"), PATIENT_S))
    await asyncio.sleep(0)
    assert wire.writes[1:] == [packed("PING")]
    connection.close()
    assert {outcome(future) for future in futures} == {Unanswered}


async def test_replies_resolve_in_order_however_they_are_cut_up() -> None:
    connection, _ = wired()
    futures = [connection.call(packed("GET", n), PATIENT_S) for n in range(4)]
    for byte in b"+OK\r\n$3\r\nabc\r\n-ERR no\r\n*2\r\n:1\r\n$-1\r\n":
        connection.data_received(bytes([byte]))
    assert [outcome(future) for future in futures[:2]] == [b"OK", b"abc"]
    assert isinstance(futures[2].result(), hiredis.ReplyError)
    assert str(futures[2].result()) == "ERR no"
    assert futures[3].result() == [1, None]
    connection.close()


async def test_a_caller_that_gave_up_does_not_shift_the_replies_of_the_others() -> None:
    connection, _ = wired()
    first, second = (connection.call(packed("GET", n), PATIENT_S) for n in range(2))
    first.cancel()
    connection.data_received(b"$1\r\na\r\n$1\r\nb\r\n")
    assert second.result() == b"b"
    connection.close()


async def test_when_the_connection_ends_what_was_sent_is_unanswered_and_what_was_not_is_not_sent() -> None:
    connection, wire = wired()
    sent = [connection.call(packed("INCR", "n"), PATIENT_S) for _ in range(3)]
    await asyncio.sleep(0)
    unsent = [connection.call(packed("INCR", "n"), PATIENT_S) for _ in range(2)]
    connection.connection_lost(ConnectionResetError())
    await asyncio.sleep(0)
    assert [outcome(future) for future in (*sent, *unsent)] == [Unanswered] * 3 + [NotSent] * 2
    assert len(wire.writes) == 1
    with pytest.raises(NotSent, match="closed"):
        connection.call(packed("PING"), PATIENT_S)


async def test_more_commands_than_the_bound_are_refused_at_once_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PENDING_MAX", 5)
    connection, _ = wired()
    futures = [connection.call(packed("PING"), PATIENT_S) for _ in range(5)]
    with pytest.raises(NotSent, match="too many"):
        connection.call(packed("PING"), PATIENT_S)
    connection.data_received(b"+PONG\r\n")
    futures.append(connection.call(packed("PING"), PATIENT_S))
    connection.data_received(b"+PONG\r\n" * 5)
    assert [outcome(future) for future in futures] == [b"PONG"] * 6
    connection.close()


@pytest.mark.parametrize("nonsense", [b"?what\r\n", b"+PONG\r\n+PONG\r\n"])
async def test_a_server_that_does_not_keep_to_the_protocol_is_left(nonsense: bytes) -> None:
    connection, wire = wired()
    future = connection.call(packed("PING"), PATIENT_S)
    await asyncio.sleep(0)
    connection.data_received(nonsense)
    assert connection.closed
    assert wire.aborted
    assert outcome(future) in (b"PONG", Unanswered)


async def test_ten_thousand_calls_at_once_get_their_own_replies(valkey_url: str) -> None:
    connection = await open_connection(at(valkey_url))

    async def echo(n: int) -> bool:
        if n % 7 == 0:
            await asyncio.sleep(0)
        reply: bytes = await connection.call(packed("ECHO", n), PATIENT_S)
        return reply == b"%d" % n

    assert await asyncio.gather(*(echo(n) for n in range(10_000))) == [True] * 10_000
    connection.close()


async def test_a_call_past_its_deadline_is_unanswered_while_the_others_still_get_theirs(valkey_url: str) -> None:
    connection = await open_connection(at(valkey_url))
    port = at(valkey_url).port
    resp.command(port, "CLIENT", "PAUSE", 10_000, "WRITE")
    hasty, patient = connection.call(packed("INCR", "n"), 0.1), connection.call(packed("INCR", "n"), PATIENT_S)
    with pytest.raises(Unanswered, match="deadline"):
        await hasty
    assert not patient.done()
    assert not connection.closed
    resp.command(port, "CLIENT", "UNPAUSE")
    assert await patient == 2  # the hasty caller's command was done all the same: nobody knew
    assert await connection.call(packed("INCR", "n"), PATIENT_S) == 3
    connection.close()


@pytest.mark.parametrize("left", [False, True], ids=["before the command left", "after the command left"])
async def test_while_this_process_stands_still_the_server_is_not_silent(valkey_url: str, left: bool) -> None:
    connection = await open_connection(at(valkey_url))
    call = connection.call(packed("INCR", "n"), 0.1)
    if left:
        await asyncio.sleep(0)
    time.sleep(1.5)  # noqa: ASYNC251 - as a long garbage collection would
    assert await call == 1
    port = at(valkey_url).port
    resp.command(port, "CLIENT", "PAUSE", 10_000, "WRITE")
    with pytest.raises(Unanswered, match="deadline"):  # a silent server is still found out
        await connection.call(packed("INCR", "n"), 0.1)
    resp.command(port, "CLIENT", "UNPAUSE")
    assert not connection.closed
    connection.close()


async def test_a_connection_that_stays_mute_is_given_up(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALL_S", 0.1)
    async with proxy(valkey_url) as between:
        connection = await open_connection(ServerAddress(host="127.0.0.1", port=between.port))
        between.deaf = True
        with pytest.raises(Unanswered):
            await connection.call(packed("PING"), 0.05)

        async def closed() -> bool:
            return connection.closed

        await eventually(closed)


async def test_a_killed_client_connection_leaves_its_call_unanswered(valkey_url: str) -> None:
    connection, port = await open_connection(at(valkey_url)), at(valkey_url).port
    number = await connection.call(packed("CLIENT", "ID"), PATIENT_S)
    blocked = connection.call(packed("BLPOP", "nothing", 0), PATIENT_S)

    async def waits() -> bool:
        return resp.info(port, "clients")["blocked_clients"] == "1"

    await eventually(waits)
    assert resp.command(port, "CLIENT", "KILL", "ID", number) == 1
    with pytest.raises(Unanswered):
        await blocked
    assert connection.closed


async def test_connecting_to_nobody_or_to_a_black_hole_is_not_sent_within_the_timeout() -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    hole = await asyncio.start_server(swallow, "127.0.0.1", 0)
    port = hole.sockets[0].getsockname()[1]
    with pytest.raises(NotSent, match=f"cannot connect to 127.0.0.1:{port}"):
        await open_connection(ServerAddress(host="127.0.0.1", port=port), timeout_s=0.2)
    hole.close()
    await hole.wait_closed()
    with pytest.raises(NotSent, match=f"cannot connect to 127.0.0.1:{port}"):
        await open_connection(ServerAddress(host="127.0.0.1", port=port), timeout_s=0.2)


async def test_a_database_is_selected_and_one_that_does_not_exist_is_refused(valkey_url: str) -> None:
    there = await open_connection(ServerAddress(host="127.0.0.1", port=at(valkey_url).port, database=3))
    await there.call(packed("SET", "k", "three"), PATIENT_S)
    there.close()
    assert resp.command(at(valkey_url).port, "GET", "k") is None
    with pytest.raises(NotSent, match="refused SELECT"):
        await open_connection(ServerAddress(host="127.0.0.1", port=at(valkey_url).port, database=9999))
