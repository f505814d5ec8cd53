"""Use case: a bulk upsert under its caller's idempotency key. The stream again gets the first answer, and nothing is written."""

import hashlib
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Protocol

from renga.domains.catalog.intake.bulk import Summary
from renga.domains.catalog.intake.bulk_rows import RowOutcome
from renga.kernel.once import Once

#: Of a packed answer; a longer one is not kept, and its stream again is worked through again, which changes nothing.
ANSWER_BYTES_MAX = 16 << 20
_CHUNK_BYTES = 64 << 10
#: The codes of a summary that the same stream gets again; after any other the caller sends it to have the work done.
_FINAL = (None, "too_many_rows")


class Answered(Protocol):
    """An answer that was kept."""

    def check(self, once: Once) -> bytes:
        """It, if it is one to this request. Raises IdempotencyConflict."""
        ...


class BulkAnswers(Protocol):
    """Where answers are kept."""

    async def keep(self, once: Once, answer: bytes) -> None:
        """What later calls with this key get."""
        ...


class BulkOnce:
    """One stream under a key; its fingerprint is known when it was read."""

    def __init__(self, scope: str, key: str) -> None:
        self._scope, self._key = scope, key
        self._hash = hashlib.sha256(b"bulk\n")

    async def hashed(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The body, as it is read."""
        async for chunk in body:
            self._hash.update(chunk)
            yield chunk

    async def kept(
        self, answers: BulkAnswers, outcomes: AsyncIterator[tuple[RowOutcome | Summary, bytes]]
    ) -> AsyncIterator[bytes]:
        """The lines of the answer, kept before the last one is given away."""
        packer, packed, size = zlib.compressobj(), list[bytes](), 0
        async for outcome, line in outcomes:
            if size <= ANSWER_BYTES_MAX:
                packed.append(packer.compress(line))
                size += len(packed[-1])
            if isinstance(outcome, Summary) and outcome.code in _FINAL and size <= ANSWER_BYTES_MAX:
                packed.append(packer.flush())
                await answers.keep(self._once(), b"".join(packed))
            yield line

    async def again(self, body: AsyncIterator[bytes], earlier: Answered) -> Iterator[bytes]:
        """The pieces of the first answer. Raises IdempotencyConflict: that was to another stream."""
        async for chunk in body:
            self._hash.update(chunk)
        return _unpacked(earlier.check(self._once()))

    def _once(self) -> Once:
        return Once(scope=self._scope, key=self._key, fingerprint=self._hash.digest())


def _unpacked(packed: bytes) -> Iterator[bytes]:
    engine = zlib.decompressobj()
    while packed:
        yield engine.decompress(packed, _CHUNK_BYTES)
        packed = engine.unconsumed_tail
    yield engine.flush()
