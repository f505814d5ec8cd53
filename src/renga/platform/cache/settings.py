"""Settings of the section ``cache``: how long and how much is kept of what the shop reads."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.platform.cache.port import Life


class CacheSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the section ``cache``."""

    enabled: Annotated[bool, "keep whole answers of public reads, and what modules look up often"] = True
    shared: Annotated[bool, "keep them in Redis, too, for all processes"] = True
    fresh_ms: Annotated[int, "milliseconds that an answer serves without news of a change", Meta(ge=0)] = 10_000
    stale_ms: Annotated[int, "milliseconds more that it serves while its source is away or slow", Meta(ge=0)] = 300_000
    absent_ms: Annotated[int, "milliseconds that it is remembered that there is no such product", Meta(ge=0)] = 2_000
    entries_max: Annotated[int, "values kept in each cache of a process", Meta(ge=1, le=10_000_000)] = 20_000
    bytes_max: Annotated[int, "bytes kept in each cache of a process", Meta(ge=1_024)] = 64 * 2**20

    def life(self) -> Life:
        return Life(fresh_ms=self.fresh_ms, stale_ms=self.stale_ms, absent_ms=self.absent_ms)
