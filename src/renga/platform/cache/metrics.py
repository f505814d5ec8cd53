"""What caches count."""

from prometheus_client import Counter, Gauge

HITS = Counter("renga_cache_hits", "Values that were at hand", ["cache", "level"])
MISSES = Counter("renga_cache_misses", "Values that had to be loaded", ["cache"])
STALE = Counter("renga_cache_stale_served", "Old values that served while their source was away or slow", ["cache"])
LOADS = Counter("renga_cache_loads", "Times that a source was asked", ["cache"])
WAITS = Counter("renga_cache_lease_waits", "Loads that waited for another process which was at it", ["cache"])
DROPS = Counter("renga_cache_drops", "Values that news dropped", ["cache"])
TROUBLES = Counter(
    "renga_cache_troubles", "Calls of the level behind that failed; the process went on without it", ["cache"]
)
BYTES = Gauge("renga_cache_bytes", "Bytes that values take in this process, about", ["cache"])
ENTRIES = Gauge("renga_cache_entries", "Values in this process", ["cache"])
