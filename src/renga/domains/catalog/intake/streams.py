"""Splits an untrusted byte stream into lines: decompressed, each line bounded, never held in memory as a whole."""

import zlib
from collections.abc import AsyncIterator, Iterator

import msgspec

from renga.domains.catalog.model.limits import ROW_BYTES_MAX, UNPACKED_BYTES_FREE, UNPACKED_RATIO_MAX
from renga.kernel.errors import Invalid, TooLarge
from renga.platform.yielding import Yielding

#: Decompressed bytes of one stream.
STREAM_BYTES_MAX = 2 << 30
#: Lines of one stream, empty ones too: twice the rows that one request may have.
STREAM_LINES_MAX = 200_000
#: Decompressed at once: a few compressed bytes may expand to a gigabyte.
_UNPACKED_BYTES = 64 << 10
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_BOM = b"\xef\xbb\xbf"


class StreamBroken(Invalid):
    code = "stream_broken"
    title = "The compressed data cannot be read"


class StreamTooLarge(TooLarge):
    code = "stream_too_large"
    title = "The stream has too many bytes"


class StreamTooManyLines(StreamTooLarge):
    code = "stream_too_many_lines"
    title = "The stream has too many lines"


class StreamExpandsTooMuch(StreamTooLarge):
    """The compressed data unpacks to far more than data of this kind does. Send it unpacked, or in several requests."""

    code = "stream_expands_too_much"
    title = "The compressed data unpacks to too much"


class RowLine(msgspec.Struct, frozen=True):
    """One line, counted from 1, without its end; ``content`` is None if it has more than ROW_BYTES_MAX bytes."""

    number: int
    content: bytes | None


async def unpacked(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The decompressed gzip data (one member or several). Raises StreamBroken, StreamExpandsTooMuch."""
    engine = zlib.decompressobj(_GZIP_WINDOW)
    began, received, given = False, 0, 0
    yielding = Yielding()
    async for part in _sliced(chunks):
        received += len(part)
        data = part
        while data:
            await yielding.turn()  # members may be twenty bytes long, and hold nothing
            if engine.eof:
                engine = zlib.decompressobj(_GZIP_WINDOW)
            began = True
            for piece in _pieces(engine, data):
                given += len(piece)
                if given > UNPACKED_BYTES_FREE and given > received * UNPACKED_RATIO_MAX:
                    raise StreamExpandsTooMuch(
                        f"the data unpacks to more than {UNPACKED_BYTES_FREE} bytes and {UNPACKED_RATIO_MAX} times its size",
                        limit=UNPACKED_RATIO_MAX,
                    )
                yield piece
                await yielding.turn()
            data = engine.unused_data
    if not began or not engine.eof:
        raise StreamBroken("the compressed data breaks off")


async def _sliced(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """zlib copies what it has not read yet at each call, so that large chunks would cost their square."""
    async for chunk in chunks:
        for start in range(0, len(chunk), _UNPACKED_BYTES):
            yield chunk[start : start + _UNPACKED_BYTES]


def _pieces(engine: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    try:
        while not engine.eof:
            piece = engine.decompress(data, _UNPACKED_BYTES)
            if piece:
                yield piece
            data = engine.unconsumed_tail
            if not data and len(piece) < _UNPACKED_BYTES:
                return
    except zlib.error as error:
        raise StreamBroken(f"the compressed data cannot be read: {error}") from error


class _Splitter:
    """Buffers an incomplete line: at most ROW_BYTES_MAX and one chunk."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._too_long = False
        self._number = 0

    def feed(self, chunk: bytes) -> Iterator[RowLine]:
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            self._hold(chunk[start:end])
            yield self._taken()
            start = end + 1
        self._hold(chunk[start:])

    def end(self) -> RowLine | None:
        return self._taken() if self._held or self._too_long else None

    def _hold(self, part: bytes) -> None:
        if self._too_long or len(self._held) + len(part) > ROW_BYTES_MAX:
            self._too_long = True
            self._held.clear()
        else:
            self._held += part

    def _taken(self) -> RowLine:
        self._number += 1
        content = None if self._too_long else bytes(self._held)
        if content is not None and self._number == 1:
            content = content.removeprefix(_BOM)
        self._held.clear()
        self._too_long = False
        return RowLine(self._number, content)


async def lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[RowLine]:
    """Every line, empty ones too; the last needs no line break. Raises StreamTooLarge, StreamTooManyLines."""
    splitter, yielding = _Splitter(), Yielding()
    received = 0
    async for chunk in chunks:
        received += len(chunk)
        if received > STREAM_BYTES_MAX:
            raise StreamTooLarge(f"the stream has more than {STREAM_BYTES_MAX} bytes", limit=STREAM_BYTES_MAX)
        for line in splitter.feed(chunk):
            if line.number > STREAM_LINES_MAX:
                raise StreamTooManyLines(f"the stream has more than {STREAM_LINES_MAX} lines", limit=STREAM_LINES_MAX)
            yield line
            await yielding.turn()
        await yielding.turn()
    if (last := splitter.end()) is not None:
        yield last
