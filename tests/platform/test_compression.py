"""What is compressed and what never is, and that caches can tell the two apart."""

import gzip
from typing import Any

import httpx
import pytest

from renga.platform.http.compression import BODY_BYTES_MIN, LOOP_BYTES_MAX, Compression, accepts_gzip, is_text

LONG = b'{"words": "' + b"verso " * 400 + b'"}'
JSON = (b"content-type", b"application/json")


class OneAnswer:
    """An application with one answer; ``parts`` are its body's."""

    def __init__(self, *headers: tuple[bytes, bytes], parts: tuple[bytes, ...] = (LONG,), status: int = 200) -> None:
        self._headers, self._parts, self._status = headers, parts, status

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [*self._headers]
        if len(self._parts) == 1:
            headers.append((b"content-length", b"%d" % len(self._parts[0])))
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        for part in self._parts[:-1]:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": self._parts[-1], "more_body": False})


async def ask(app: OneAnswer, method: str = "GET", encoding: str = "gzip", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=Compression(app))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        return await client.request(method, "/", headers={"accept-encoding": encoding, **headers})


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json", "application/problem+json", "text/css",
                                  "image/svg+xml", "text/javascript", "application/xml", "application/rss+xml"])  # fmt: skip
async def test_text_is_compressed_whole_and_says_so(kind: str) -> None:
    answer = await ask(OneAnswer((b"content-type", kind.encode())))
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert answer.content == LONG
    assert int(answer.headers["content-length"]) == answer.num_bytes_downloaded < len(LONG) // 10


@pytest.mark.parametrize(
    "encoding", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0, br", "*;q=0", "deflate, gzip;q=x"]
)
async def test_who_does_not_accept_it_gets_the_plain_body_which_varies_all_the_same(encoding: str) -> None:
    answer = await ask(OneAnswer(JSON, (b"vary", b"Accept-Language")), encoding=encoding)
    assert "content-encoding" not in answer.headers
    assert (answer.headers["vary"], answer.content) == ("Accept-Language, Accept-Encoding", LONG)


@pytest.mark.parametrize("encoding", ["gzip", "br, GZIP;q=0.5", "*", "x-gzip", "deflate,gzip;q=1.0", "br;q=1, *;q=0.1"])
def test_accepting_is_read_as_rfc_9110_has_it(encoding: str) -> None:
    assert accepts_gzip([(b"accept-encoding", encoding.encode())])


@pytest.mark.parametrize("kind", [b"image/png", b"image/webp", b"font/woff2", b"application/zip", b"application/gzip",
                                  b"text/event-stream", b"", b"video/mp4", b"application/octet-stream"])  # fmt: skip
def test_what_does_not_shrink_or_never_ends_is_left_alone(kind: bytes) -> None:
    assert not is_text(kind)


@pytest.mark.parametrize(
    "app",
    [
        OneAnswer(JSON, parts=(b"x" * (BODY_BYTES_MIN - 1),)),
        OneAnswer(JSON, (b"content-encoding", b"br")),
        OneAnswer((b"content-type", b"image/png")),
        OneAnswer(JSON, parts=(LONG, LONG)),
        OneAnswer((b"content-type", b"application/json"), status=206),
        OneAnswer(JSON, (b"etag", b'"7"'), (b"cache-control", b"private")),
        OneAnswer(JSON, (b"etag", b'"7"')),
        OneAnswer((b"content-type", b"text/html"), (b"set-cookie", b"renga_session=secret; HttpOnly")),
        OneAnswer((b"content-type", b"text/html"), (b"set-cookie", b"__Host-renga=secret; HttpOnly")),
    ],
)
async def test_these_leave_as_they_are(app: OneAnswer) -> None:
    answer = await ask(app)
    assert answer.headers.get("content-encoding", "") in ("", "br") if answer.content != b"" else True
    assert answer.headers.get("content-encoding") != "gzip"
    assert answer.headers.get("etag", '"7"') == '"7"'


@pytest.mark.parametrize("cookie", ["renga_session=abc", "a=b; __Host-renga=abc", "renga_cart=x; renga_session=y"])
async def test_a_page_of_a_session_holds_a_token_and_is_not_compressed(cookie: str) -> None:
    page = OneAnswer((b"content-type", b"text/html"), (b"cache-control", b"private, no-store"))
    assert "content-encoding" not in (await ask(page, cookie=cookie)).headers
    assert (await ask(page, cookie="renga_cart=x; renga_language=en")).headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_writes_are_answered_plainly(method: str) -> None:
    answer = await ask(OneAnswer(JSON), method=method)
    assert "content-encoding" not in answer.headers
    assert "vary" not in answer.headers


@pytest.mark.parametrize(("tag", "compressed"), [(b'"v1"', 'W/"v1"'), (b'W/"v1"', 'W/"v1"')])
async def test_a_compressed_body_has_a_weak_tag(tag: bytes, compressed: str) -> None:
    app = OneAnswer(JSON, (b"etag", tag), (b"cache-control", b"public, max-age=5"))
    assert (await ask(app)).headers["etag"] == compressed
    assert (await ask(app, encoding="identity")).headers["etag"] == tag.decode()


async def test_long_bodies_and_kept_ones_are_the_same_bytes() -> None:
    body = b"verso " * LOOP_BYTES_MAX
    app = Compression(OneAnswer((b"content-type", b"text/css"), (b"cache-control", b"public"), parts=(body,)))
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        for _ in range(2):
            async with client.stream("GET", "/", headers={"accept-encoding": "gzip"}) as answer:
                raw = b"".join([part async for part in answer.aiter_raw()])
            assert gzip.decompress(raw) == body
