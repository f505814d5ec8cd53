"""Settings of the section ``cache``: time to live and size of caches."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.platform.cache.port import Life


class CacheSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the section ``cache``."""

    enabled: Annotated[bool, "cache complete responses of public reads, and frequent lookups of modules"] = True
    shared: Annotated[bool, "cache them in Redis too, for all processes"] = True
    fresh_ms: Annotated[int, "milliseconds that a value is fresh, if no event invalidates it", Meta(ge=0)] = 10_000
    stale_ms: Annotated[
        int, "further milliseconds that it may be used while its source is unreachable or slow", Meta(ge=0)
    ] = 300_000
    absent_ms: Annotated[int, "milliseconds that a product is cached as missing", Meta(ge=0)] = 2_000
    entries_max: Annotated[int, "most values in each cache of a process", Meta(ge=1, le=10_000_000)] = 20_000
    bytes_max: Annotated[int, "most bytes in each cache of a process", Meta(ge=1_024)] = 64 * 2**20

    def life(self) -> Life:
        return Life(fresh_ms=self.fresh_ms, stale_ms=self.stale_ms, absent_ms=self.absent_ms)
