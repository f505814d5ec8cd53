"""What caches count."""

from prometheus_client import Counter, Gauge

HITS = Counter("renga_cache_hits", "Values found in the process", ["cache", "level"])
MISSES = Counter("renga_cache_misses", "Values that had to be loaded", ["cache"])
STALE = Counter("renga_cache_stale_served", "Stale values used while their source was unreachable or slow", ["cache"])
LOADS = Counter("renga_cache_loads", "Loads from the source", ["cache"])
WAITS = Counter("renga_cache_lease_waits", "Loads that waited for another process with the same load", ["cache"])
DROPS = Counter("renga_cache_drops", "Values that events dropped", ["cache"])
TROUBLES = Counter("renga_cache_troubles", "Failed calls of the Redis level; the process went on without it", ["cache"])
BYTES = Gauge("renga_cache_bytes", "Approximate bytes of values in this process", ["cache"])
ENTRIES = Gauge("renga_cache_entries", "Values in this process", ["cache"])
