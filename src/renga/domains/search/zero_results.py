"""Search texts without results, buffered and written in batches, so that a search does not wait for the write."""

import asyncio
from collections import Counter

import structlog

from renga.domains.search.limits import NOTHING_MAX, NOTHING_WRITE_S
from renga.domains.search.ports import SteeringStore
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)


class ZeroResultLog:
    """``run`` writes until cancelled; at most NOTHING_MAX distinct texts are buffered, further ones are dropped."""

    def __init__(self, store: SteeringStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._seen: Counter[tuple[str, str]] = Counter()

    def note(self, language: str, text: str) -> None:
        """Record a text without results."""
        name = (language, text.lower())
        if name in self._seen or len(self._seen) < NOTHING_MAX:
            self._seen[name] += 1

    async def flush(self) -> None:
        """Write the buffer; it is kept while the store is unavailable."""
        seen, self._seen = self._seen, Counter()
        if not seen:
            return
        try:
            await self._store.note_nothing(seen, rfc3339(self._clock.now_ms()))
        except Unavailable as error:
            log.warning("zero_results_kept", texts=len(seen), code=error.code)
            self._seen.update(dict(seen.most_common(NOTHING_MAX - min(len(self._seen), NOTHING_MAX))))

    async def run(self) -> None:
        try:
            while True:
                await asyncio.sleep(NOTHING_WRITE_S)
                await self.flush()
        finally:
            await self.flush()
