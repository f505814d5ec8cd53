"""Counts the answers that were less than they could be because an engine was away: ``what`` names the engine's part."""

from prometheus_client import Counter

_degraded = Counter("renga_degraded_total", "Answers that were less than they could be, by what was away", ["what"])


def count_degraded(what: str) -> None:
    """One answer without ``what`` (``search``, ``catalog``, …)."""
    _degraded.labels(what).inc()
