"""Use case: a bulk upsert under an idempotency key. The same stream again gets the first response; nothing is written."""

import hashlib
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Protocol

from renga.domains.catalog.intake.bulk import Summary
from renga.domains.catalog.intake.bulk_rows import RowOutcome
from renga.kernel.once import Once

#: Bytes of a compressed response. A longer one is not stored: the stream is then processed again, which changes nothing.
ANSWER_BYTES_MAX = 16 << 20
_CHUNK_BYTES = 64 << 10
#: Summary codes of responses that are stored; after any other code a repeated stream is processed again.
_FINAL = (None, "too_many_rows")


class Answered(Protocol):
    """A stored response."""

    def check(self, once: Once) -> bytes:
        """The response, if it belongs to the same request. Raises IdempotencyConflict."""
        ...


class BulkAnswers(Protocol):
    """Storage of responses."""

    async def keep(self, once: Once, answer: bytes) -> None:
        """Store the response for later calls with this key."""
        ...


class BulkOnce:
    """One stream under a key; its fingerprint is complete when the stream has been read."""

    def __init__(self, scope: str, key: str) -> None:
        self._scope, self._key = scope, key
        self._hash = hashlib.sha256(b"bulk\n")

    async def hashed(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Passes the body through and hashes it."""
        async for chunk in body:
            self._hash.update(chunk)
            yield chunk

    async def kept(
        self, answers: BulkAnswers, outcomes: AsyncIterator[tuple[RowOutcome | Summary, bytes]]
    ) -> AsyncIterator[bytes]:
        """Passes the response's lines through, and stores the response before it yields the last line."""
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
        """The pieces of the stored response. Raises IdempotencyConflict if it belongs to another stream."""
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
