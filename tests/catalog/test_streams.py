"""Lines of an untrusted stream: bounded, in whatever chunks they arrive."""

import gzip
import zlib

import pytest

from renga.domains.catalog.intake import streams
from renga.domains.catalog.intake.streams import (
    StreamBroken,
    StreamExpandsTooMuch,
    StreamTooLarge,
    StreamTooManyLines,
    lines,
    unpacked,
)
from renga.domains.catalog.model.limits import ROW_BYTES_MAX
from tests.catalog.selling import in_pieces


async def read(*pieces: bytes) -> list[tuple[int, bytes | None]]:
    return [(line.number, line.content) async for line in lines(in_pieces(*pieces))]


async def test_lines_are_numbered_wherever_the_pieces_break() -> None:
    assert await read(b"on", b"e\ntw", b"o\n\nthree") == [(1, b"one"), (2, b"two"), (3, b""), (4, b"three")]


async def test_nothing_has_no_lines() -> None:
    assert await read() == []
    assert await read(b"") == []


async def test_a_byte_order_mark_is_dropped() -> None:
    assert await read(b"\xef\xbb\xbf{}\n") == [(1, b"{}")]


async def test_a_line_may_have_exactly_so_many_bytes() -> None:
    long = b"x" * ROW_BYTES_MAX
    assert await read(long, b"\n") == [(1, long)]


async def test_a_longer_line_is_dropped_and_the_next_is_read() -> None:
    pieces = [b"x" * 65_536] * 100
    assert await read(*pieces, b"\nnext\n") == [(1, None), (2, b"next")]
    assert await read(*pieces) == [(1, None)]


async def test_a_stream_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STREAM_BYTES_MAX", 10)
    with pytest.raises(StreamTooLarge):
        await read(b"12345\n", b"123456\n")


async def test_a_stream_has_so_many_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STREAM_LINES_MAX", 3)
    assert await read(b"1\n\n3") == [(1, b"1"), (2, b""), (3, b"3")]
    for pieces in ((b"1\n\n\n", b"\n"), (b"\n\n\n\n\n",)):
        with pytest.raises(StreamTooManyLines):
            await read(*pieces)


async def unpack(*pieces: bytes) -> bytes:
    return b"".join([piece async for piece in unpacked(in_pieces(*pieces))])


async def test_packed_data_is_unpacked_wherever_the_pieces_break() -> None:
    packed = gzip.compress(b"hello\n" * 10_000)
    assert await unpack(*(packed[i : i + 1] for i in range(len(packed)))) == b"hello\n" * 10_000


async def test_several_members_are_one_stream() -> None:
    assert await unpack(gzip.compress(b"one\n") + gzip.compress(b"two\n")) == b"one\ntwo\n"


async def test_a_bomb_comes_in_small_pieces() -> None:
    packed = gzip.compress(b"\0" * (64 << 20))
    largest = total = 0
    async for piece in unpacked(in_pieces(packed)):
        largest, total = max(largest, len(piece)), total + len(piece)
    assert total == 64 << 20
    assert largest <= 65_536


async def test_a_bomb_is_refused_by_how_much_it_grows_and_what_packs_well_is_not() -> None:
    with pytest.raises(StreamExpandsTooMuch):
        await unpack(gzip.compress(b"\0" * (70 << 20)))
    with pytest.raises(StreamExpandsTooMuch):
        await unpack(*[gzip.compress(b"\0" * (1 << 20))] * 70)
    # two hundred times is more than rows of products ever do
    rows = b"".join(b'{"slug":"product-%d","title":"The same title"}\n' % number for number in range(50_000))
    assert len(rows) / len(gzip.compress(rows)) < 50


async def test_many_empty_members_take_linear_time() -> None:
    assert await unpack(gzip.compress(b"") * 30_000 + gzip.compress(b"end")) == b"end"


@pytest.mark.parametrize(
    "packed",
    [b"", b"no gzip at all", gzip.compress(b"hello" * 100)[:-9], zlib.compress(b"hello")],
    ids=["nothing", "no gzip", "cut short", "zlib"],
)
async def test_data_that_is_not_whole_is_refused(packed: bytes) -> None:
    with pytest.raises(StreamBroken):
        await unpack(packed)
