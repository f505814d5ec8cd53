"""The bench's own driver: bounded in number and in time, honest about failures."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bench.driver import drive
from bench.requests import MINIMAL, add, request

Answer = Callable[[int], bytes]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REFUSED = b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n"


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Answers the n-th request with ``answer(n)``; empty hangs up. Gives its port and the request lines."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                seen.append(head.split(b"\r\n")[0])
                said = answer(len(seen) - 1)
                if not said:
                    break
                writer.write(said)
        except asyncio.IncompleteReadError:
            pass  # the driver has hung up between two requests
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1], seen
    finally:
        listening.close()


def gets(count: int) -> list[bytes]:
    return [request("GET", f"/{number}") for number in range(count)]


async def test_it_sends_the_requests_in_turn_and_stops_at_the_count() -> None:
    async with server(lambda _: OK) as (port, seen):
        figures = await drive(port, gets(3), connections=1, count_max=7, seconds_max=30)
    assert (figures.requests, figures.failed) == (7, 0)
    assert [line.split()[1] for line in seen] == [b"/0", b"/1", b"/2", b"/0", b"/1", b"/2", b"/0"]


async def test_many_connections_together_send_exactly_the_count() -> None:
    async with server(lambda _: OK) as (port, seen):
        figures = await drive(port, gets(1), connections=8, count_max=101, seconds_max=30)
    assert (figures.requests, len(seen)) == (101, 101)


async def test_it_starts_no_request_after_the_end_of_the_time() -> None:
    async with server(lambda _: OK) as (port, seen):
        figures = await drive(port, gets(1), connections=4, count_max=1_000_000, seconds_max=0)
    assert (figures.requests, figures.failed, seen) == (0, 0, [])


async def test_a_refusal_counts_as_answered_and_as_failed() -> None:
    async with server(lambda number: REFUSED if number == 1 else OK) as (port, _):
        figures = await drive(port, gets(1), connections=1, count_max=3, seconds_max=30)
    assert (figures.requests, figures.failed) == (3, 1)


async def test_a_connection_that_is_lost_midway_counts_as_failed_and_the_others_go_on() -> None:
    async with server(lambda number: b"" if number == 2 else OK) as (port, seen):
        figures = await drive(port, gets(1), connections=2, count_max=50, seconds_max=30)
    assert (figures.requests, figures.failed, len(seen)) == (49, 1, 50)


async def test_each_answer_is_told_with_its_number_status_and_body() -> None:
    told: list[tuple[int, int, bytes]] = []
    async with server(lambda number: REFUSED if number else OK) as (port, _):
        await drive(
            port,
            gets(2),
            connections=1,
            count_max=2,
            seconds_max=30,
            on_answer=lambda index, status, body: told.append((index, status, body)),
        )
    assert told == [(0, 200, b"ok"), (1, 409, b"")]


async def test_nobody_listening_is_an_error_at_once() -> None:
    async with server(lambda _: OK) as (port, _):
        pass
    with pytest.raises(ConnectionRefusedError):
        await drive(port, gets(1), connections=1, count_max=1, seconds_max=30)


def test_an_add_is_one_request_with_its_length() -> None:
    assert add("c1", "SKU", MINIMAL) == (
        b"POST /v1/carts/c1/lines HTTP/1.1\r\nHost: 127.0.0.1\r\nPrefer: return=minimal\r\n"
        b'Content-Type: application/json\r\nContent-Length: 26\r\n\r\n{"sku":"SKU","quantity":1}'
    )
