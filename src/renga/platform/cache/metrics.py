"""What caches count."""

from prometheus_client import Counter

HITS = Counter("renga_cache_hits", "Values that were at hand", ["cache", "level"])
MISSES = Counter("renga_cache_misses", "Values that had to be loaded", ["cache"])
STALE = Counter("renga_cache_stale_served", "Old values that served while their source was away or slow", ["cache"])
DROPS = Counter("renga_cache_drops", "Values that news dropped", ["cache"])
TROUBLES = Counter(
    "renga_cache_troubles", "Calls of the level behind that failed; the process went on without it", ["cache"]
)
