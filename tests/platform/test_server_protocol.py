"""Raw sockets against the HTTP server: what HTTP/1.1 forbids, what is too much, and what comes too slowly."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import uvicorn

from renga.platform.http import server_protocol
from renga.platform.http.server_protocol import OneWrite, protocol_of
from renga.platform.http.server_settings import HttpSettings

GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the headers and the size of the body that an application sees."""
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        if not message["more_body"]:
            break
    seen = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]]
    body = json.dumps({"path": scope["path"], "headers": seen, "size": size}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextlib.asynccontextmanager
async def serving(proxies: tuple[str, ...] = (), **settings: Any) -> AsyncIterator[int]:
    """A port of 127.0.0.1 where ``echo`` is served."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        protocol = protocol_of(HttpSettings(**settings), proxies)
        config = uvicorn.Config(echo, http=protocol, loop="none", lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]  # the test's own loop keeps its handlers
        running = asyncio.create_task(server.serve([listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = server.force_exit = True
            await running


async def exchange(port: int, *parts: bytes, pause_s: float = 0.0) -> bytes:
    """All that is answered until the server closes or, after a whole answer, says nothing for a while."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = bytearray()

    async def read() -> None:
        with contextlib.suppress(ConnectionError):
            while part := await reader.read(65_536):
                answer.extend(part)

    reading = asyncio.create_task(read())
    with contextlib.suppress(ConnectionError):  # closed while we were still sending
        for part in parts:
            if reading.done():
                break
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause_s)
    before = -1
    for _ in range(12):
        await asyncio.wait([reading], timeout=0.3)
        if reading.done() or (answer and len(answer) == before):
            break
        before = len(answer)
    reading.cancel()
    writer.close()
    return bytes(answer)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def document(answer: bytes) -> Any:
    return json.loads(answer.partition(b"\r\n\r\n")[2])


async def test_a_plain_request_is_answered_in_one_piece() -> None:
    async with serving() as port:
        answer = await exchange(port, GET + b"X-One: 1\r\n\r\n")
    assert status(answer) == 200
    assert ["x-one", "1"] in document(answer)["headers"]


async def test_pipelined_requests_are_answered_in_their_order() -> None:
    async with serving() as port:
        answer = await exchange(port, b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % n for n in range(20)))
    paths = [json.loads(line)["path"] for line in answer.replace(b"HTTP/1.1", b"\n").split(b"\r\n\r\n")[1:]
             for line in [line.partition(b"\n")[0]]]  # fmt: skip
    assert paths == [f"/{n}" for n in range(20)]


@pytest.mark.parametrize("parts", [1, 50])
async def test_too_many_headers_are_431(parts: int) -> None:
    whole = GET + b"".join(b"X-%d: v\r\n" % n for n in range(10_000)) + b"\r\n"
    size = len(whole) // parts + 1
    async with serving() as port:
        answer = await exchange(port, *(whole[n : n + size] for n in range(0, len(whole), size)))
        # a reset may overtake the answer when a client keeps sending
        assert status(answer) == 431 or (parts > 1 and not answer)
        assert status(await exchange(port, GET + b"\r\n")) == 200


async def test_a_document_says_why_headers_are_refused() -> None:
    async with serving(headers_max=10) as port:
        ten = b"".join(b"X-%d: v\r\n" % n for n in range(9))
        assert status(await exchange(port, GET + ten + b"\r\n")) == 200
        answer = await exchange(port, GET + ten + b"X-9: v\r\n\r\n")
    assert status(answer) == 431
    assert document(answer)["code"] == "headers_too_large"
    assert b"application/problem+json" in answer
    assert b"connection: close" in answer


@pytest.mark.parametrize(
    "begin", [GET + b"Cookie: ", b"GET /", b"GET / HTTP/1.1\r\nX-", GET + b"X: 1\r\n" * 5 + b"Y:", b"\r\n"]
)
async def test_a_head_without_an_end_is_refused_before_it_is_kept(begin: bytes) -> None:
    async with serving() as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        sent = 0
        try:
            writer.write(begin)
            for _ in range(320):  # 20 MB
                writer.write((b"\r\n" if begin == b"\r\n" else b"aa") * 32_768)
                await writer.drain()
                sent += 65_536
        except ConnectionError:
            pass
        finally:
            writer.close()
        assert sent < 8_000_000
        assert status(await exchange(port, GET + b"\r\n")) == 200


async def test_a_long_path_is_414() -> None:
    async with serving(target_bytes_max=1_000) as port:
        assert status(await exchange(port, b"GET /" + b"a" * 999 + b" HTTP/1.1\r\nHost: a\r\n\r\n")) == 200
        answer = await exchange(port, b"GET /?" + b"a" * 999, b" HTTP/1.1\r\nHost: a\r\n\r\n")
    assert status(answer) == 414
    assert document(answer)["code"] == "target_too_long"


async def test_headers_that_come_too_slowly_are_408() -> None:
    async with serving(header_timeout_s=0.3) as port:
        answer = await exchange(port, GET, *([b"X-Slow: 1\r\n"] * 10), pause_s=0.1)
        assert status(answer) == 408
        assert document(answer)["code"] == "request_too_slow"
        # also after a first request was answered
        later = await exchange(port, GET + b"\r\n", GET, pause_s=0.2)
        assert later.count(b"HTTP/1.1 200") == 1
        assert later.count(b"HTTP/1.1 408") == 1


async def test_blank_lines_do_not_keep_a_connection() -> None:
    async with serving(header_timeout_s=0.3) as port:
        assert status(await exchange(port, *([b"\r\n"] * 10), pause_s=0.1)) == 408


async def test_300_half_open_connections_are_closed_and_others_are_served() -> None:
    async with serving(header_timeout_s=0.5) as port:
        open_ones = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]
        for number, (_, writer) in enumerate(open_ones):
            writer.write(GET if number % 2 else b"")
        assert status(await exchange(port, GET + b"\r\n")) == 200
        ends = await asyncio.wait_for(asyncio.gather(*(reader.read() for reader, _ in open_ones)), 10)
        for _, writer in open_ones:
            writer.close()
    assert {status(end) for end in ends[1::2]} == {408}
    assert set(ends[::2]) == {b""}


@pytest.mark.parametrize("first", [b"", b"x"])
async def test_a_body_that_comes_too_slowly_is_408(first: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_protocol, "BODY_LOOK_S", 0.3)
    async with serving() as port:
        answer = await exchange(
            port, POST + b"Content-Length: 1000\r\n\r\n" + first, *([b"x"] * 10 if first else []), pause_s=0.1
        )
    assert status(answer) == 408
    assert document(answer)["code"] == "request_too_slow"


async def test_a_body_at_a_fair_rate_is_read_however_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_protocol, "BODY_LOOK_S", 0.2)
    async with serving() as port:
        answer = await exchange(port, POST + b"Content-Length: 8000\r\n\r\n", *([b"x" * 1_000] * 8), pause_s=0.1)
    assert status(answer) == 200
    assert document(answer)["size"] == 8_000


async def test_trailer_fields_are_no_headers() -> None:
    chunked = (
        POST
        + b"Transfer-Encoding: chunked\r\nTrailer: X-API-Key\r\n\r\n1\r\nx\r\n0\r\nX-API-Key: stolen\r\nHost: b\r\n\r\n"
    )
    async with serving() as port:
        answer = await exchange(port, chunked)
    assert status(answer) == 200
    assert document(answer)["size"] == 1
    assert [name for name, _ in document(answer)["headers"]] == ["host", "transfer-encoding", "trailer"]


@pytest.mark.parametrize(
    ("request_bytes", "code"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "host_invalid"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", "host_invalid"),
        (b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "host_invalid"),
        (b"GET / HTTP/1.1\r\n\r\n", "host_invalid"),
        (b"GET / HTTP/1.7\r\nHost: a\r\n\r\n", None),
        (b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", None),
        (b"GET / FTP/1.1\r\nHost: a\r\n\r\n", None),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", None),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01", "request_malformed"),
        (POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "request_malformed"),
        (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", "request_malformed"),
        (GET + b"X : 1\r\n\r\n", "request_malformed"),
    ],
)
async def test_what_is_no_http_1_1_is_refused_with_a_document(request_bytes: bytes, code: str | None) -> None:
    async with serving() as port:
        answer = await exchange(port, request_bytes)
        assert status(answer) in ((400,) if code else (400, 505))
        assert document(answer)["code"] in ((code,) if code else ("request_malformed", "http_version_unsupported"))


async def test_http_1_0_needs_no_host() -> None:
    async with serving() as port:
        assert status(await exchange(port, b"GET / HTTP/1.0\r\n\r\n")) == 200


@pytest.mark.parametrize(("proxies", "served"), [((), 5), (("127.0.0.0/8",), 8)])
async def test_an_address_has_so_many_connections_unless_it_is_a_trusted_proxy(
    proxies: tuple[str, ...], served: int
) -> None:
    async with serving(proxies, connections_per_address_max=5) as port:
        kept = [await asyncio.open_connection("127.0.0.1", port) for _ in range(8)]
        answers = []
        for reader, writer in kept:
            writer.write(GET + b"\r\n")
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                answers.append(await reader.readuntil(b"\r\n"))
        assert answers == [b"HTTP/1.1 200 OK\r\n"] * served
        for _, writer in kept:
            writer.close()

        async def again() -> bool:
            return status(await exchange(port, GET + b"\r\n")) == 200

        for _ in range(50):
            if await again():
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail("closed connections still count")


async def test_who_waits_for_100_continue_is_told_to_go_on() -> None:
    async with serving() as port:
        answer = await exchange(port, POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n", b"xx", pause_s=0.2)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


class Recorder:
    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


@pytest.mark.parametrize(
    ("steps", "written"),
    [
        ((b"head", b"body"), [b"headbody"]),
        ((b"head", b"first", b"second"), [b"headfirst", b"second"]),
        ((b"head", b""), [b"head"]),
        ((b"head", None), [b"head"]),
        ((b"head", None, b"late"), [b"head", b"late"]),
        ((b"HTTP/1.1 100 Continue\r\n\r\n", b"head", b"body"), [b"HTTP/1.1 100 Continue\r\n\r\n", b"headbody"]),
    ],
)
async def test_a_head_leaves_with_its_first_content_or_with_the_next_turn(
    steps: tuple[bytes | None, ...], written: list[bytes]
) -> None:
    recorder = Recorder()
    transport: Any = OneWrite(recorder, asyncio.get_running_loop())  # type: ignore[arg-type]  # what it uses of a transport
    for step in steps:
        if step is None:
            await asyncio.sleep(0)
        else:
            transport.write(step)
    assert recorder.written == written
    transport.close()
    assert recorder.closed


def test_a_protocol_counts_its_own_connections() -> None:
    kinds: list[Callable[..., Any]] = [protocol_of(HttpSettings()), protocol_of(HttpSettings())]
    assert kinds[0].open_connections is not kinds[1].open_connections  # type: ignore[attr-defined]  # of each class
