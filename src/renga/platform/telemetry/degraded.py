"""Counts degraded answers: incomplete because an engine was unreachable; ``what`` names the missing part."""

from prometheus_client import Counter

_degraded = Counter("renga_degraded_total", "Degraded answers, by the unreachable part", ["what"])


def count_degraded(what: str) -> None:
    """Count one answer without ``what`` (``search``, ``catalog``, …)."""
    _degraded.labels(what).inc()
