"""Reads a file (plain or gzip) line by line with a maximum length, and refuses binary files."""

import gzip
import io
import math
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from renga.domains.catalog.feeds.outcomes import ImportRefused
from renga.domains.catalog.model.limits import FILE_LINES_MAX, ROW_BYTES_MAX, UNPACKED_BYTES_FREE, UNPACKED_RATIO_MAX

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_SNIFF_BYTES = 4096


class RowBroken(Exception):
    """An unreadable row; reading may continue with the next one."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


class Lines(Iterator[bytes]):
    """The lines of a stream with their line breaks. ``number`` is the last line's number, from 1.

    A line over ROW_BYTES_MAX raises RowBroken, reading may continue; a stream that is damaged, has more than FILE_LINES_MAX
    lines or expands to more than its compressed size allows raises ImportRefused.
    """

    def __init__(self, stream: io.BufferedReader, packed_bytes: int | None = None) -> None:
        self._stream = stream
        self._bytes = 0
        self._bytes_max = (
            math.inf if packed_bytes is None else max(UNPACKED_BYTES_FREE, packed_bytes * UNPACKED_RATIO_MAX)
        )
        self.number = 0

    def head(self) -> bytes:
        """The first bytes, without consuming them."""
        try:
            return self._stream.peek(_SNIFF_BYTES)[:_SNIFF_BYTES].removeprefix(_BOM)
        except (OSError, EOFError, zlib.error) as error:
            raise ImportRefused(f"the compressed data cannot be read: {error}") from error

    def __next__(self) -> bytes:
        line = self._read()
        if not line:
            raise StopIteration
        self.number += 1
        if self.number > FILE_LINES_MAX:
            raise ImportRefused(f"the file has more than {FILE_LINES_MAX} lines; split it")
        if len(line) > ROW_BYTES_MAX:
            while line and not line.endswith(b"\n"):
                line = self._read()
            raise RowBroken(self.number, f"is longer than {ROW_BYTES_MAX} bytes")
        return line.removeprefix(_BOM) if self.number == 1 else line

    def _read(self) -> bytes:
        try:
            line = self._stream.readline(ROW_BYTES_MAX + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise ImportRefused(f"the file breaks off after line {self.number}: {error}") from error
        self._bytes += len(line)
        if self._bytes > self._bytes_max:
            raise ImportRefused(
                f"the file unpacks to more than {UNPACKED_RATIO_MAX} times its size (line {self.number}); unpack it first"
            )
        return line


def open_lines(path: Path) -> tuple[BinaryIO, Lines]:
    """The open file (the caller closes it) and its lines. Raises ImportRefused if it cannot be read or is not text."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror}") from error
    try:
        packed = file.peek(2)[:2] == _GZIP
        unpacked = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if packed else None
        whole: Any = io.BufferedReader(cast(io.RawIOBase, unpacked)) if unpacked else file
        lines = Lines(whole, path.stat().st_size if unpacked else None)
        _check_text(lines.head(), path.name)
    except OSError as error:
        file.close()
        raise ImportRefused(f"{path} cannot be read: {error.strerror}") from error
    except ImportRefused:
        file.close()
        raise
    return file, lines


def _check_text(head: bytes, name: str) -> None:
    if not head.strip():
        raise ImportRefused(f"{name} is empty")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ImportRefused(f"{name} is UTF-16; save it as UTF-8")
    if b"\0" in head:
        raise ImportRefused(f"{name} holds binary data; an import reads JSON Lines or CSV, in UTF-8")
