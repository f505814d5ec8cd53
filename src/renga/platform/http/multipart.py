"""Forms with one file (``multipart/form-data``, RFC 7578), read within bounds on parts, headers and bytes."""

from collections.abc import AsyncIterator

from multipart import (  # type: ignore[import-untyped]  # the package ships no types
    MultipartSegment,
    ParserError,
    ParserLimitReached,
    PushMultipartParser,
)

from renga.kernel.errors import Invalid, TooLarge
from renga.platform.yielding import Yielding

#: Of one form.
PARTS_MAX = 20
#: Of all parts beside the file, together.
FIELDS_BYTES_MAX = 16 << 10
BOUNDARY_CHARACTERS_MAX = 200
#: Read at once.
_SLICE_BYTES = 64 << 10


class MultipartInvalid(Invalid):
    code = "multipart_invalid"
    title = "The form cannot be read"


class MultipartTooLarge(TooLarge):
    """The form has too many parts, or too much beside its file."""

    code = "multipart_too_large"
    title = "The form has too many parts or too long fields"


async def only_file(chunks: AsyncIterator[bytes], boundary: str) -> bytes:
    """The content of the form's only file. Raises MultipartInvalid, MultipartTooLarge."""
    if not 0 < len(boundary) <= BOUNDARY_CHARACTERS_MAX:
        raise MultipartInvalid("the content type has no boundary, or one that is too long")
    reading, yielding = _FormReading(), Yielding()
    try:
        with PushMultipartParser(boundary.encode(), max_segment_count=PARTS_MAX) as parser:
            async for chunk in chunks:
                for start in range(0, len(chunk), _SLICE_BYTES):
                    if not parser.closed:
                        for part in parser.parse(chunk[start : start + _SLICE_BYTES]):
                            reading.take(part)
                    await yielding.turn()
    except ParserLimitReached:
        raise MultipartTooLarge(f"a form has at most {PARTS_MAX} parts with few headers", limit=PARTS_MAX) from None
    except (ParserError, ValueError) as error:
        raise MultipartInvalid(f"the form cannot be read: {error}") from None
    if reading.files != 1:
        raise Invalid("the form must have one file")
    return bytes(reading.content)


class _FormReading:
    def __init__(self) -> None:
        self.content = bytearray()
        self.files = 0
        self._in_file = False
        self._fields_bytes = 0

    def take(self, part: MultipartSegment | bytearray | None) -> None:
        """A part's head, a piece of its content, or None: its end. Raises MultipartTooLarge, Invalid."""
        if isinstance(part, MultipartSegment):
            self._in_file = bool(part.filename)
            self.files += self._in_file
            if self.files > 1:
                raise Invalid("the form must have one file")
        elif part and self._in_file:
            self.content += part
        elif part:
            self._fields_bytes += len(part)
            if self._fields_bytes > FIELDS_BYTES_MAX:
                limit = FIELDS_BYTES_MAX
                raise MultipartTooLarge(f"the form has more than {limit} bytes beside its file", limit=limit)
