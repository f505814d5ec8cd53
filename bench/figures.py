"""The result of a cell: number of answers, time, and latency percentiles."""

import math
from collections.abc import Sequence

import msgspec


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One measured cell. ``failed`` counts lost connections, time-outs and statuses from 400; latencies are in µs."""

    requests: int
    seconds: float
    failed: int
    p50_us: float
    p95_us: float
    p99_us: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds if self.seconds > 0 else 0.0


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of values in ascending order; 0 when there are none."""
    if not ordered:
        return 0.0
    rank = math.ceil(percent / 100 * len(ordered))
    return ordered[min(max(rank, 1), len(ordered)) - 1]


def from_latencies(latencies_us: Sequence[float], seconds: float, failed: int) -> Figures:
    """The figures of a run from its single latencies."""
    ordered = sorted(latencies_us)
    return Figures(
        requests=len(ordered),
        seconds=seconds,
        failed=failed,
        p50_us=percentile(ordered, 50),
        p95_us=percentile(ordered, 95),
        p99_us=percentile(ordered, 99),
    )


def median(values: Sequence[float]) -> float:
    """The middle value, the lower one of two; 0 when there are none."""
    return percentile(sorted(values), 50)


def ratio(part: float, whole: float) -> float:
    """``part / whole``; 0 if ``whole`` is 0."""
    return part / whole if whole > 0 else 0.0
