"""The goals of the shop compared with the results. A missed goal is reported, never raised."""

from pathlib import Path

import msgspec

from bench.baselines import HEALTH, NOTHING
from bench.figures import ratio
from bench.results import Results
from bench.startup import own_rss_bytes

ADD, ADD_WHOLE = "add, minimal answer", "add, whole cart"
SHARE_OF_NOTHING_MIN, WHOLE_SHARE_MIN, HEALTH_SHARE_MIN = 0.25, 0.18, 0.50
P95_AT_32_MAX_US, P95_AT_1_MAX_US = 10_000.0, 1_000.0
#: An add counts as flat if its p50 among many carts is at most this many times its p50 among few.
FLAT_MAX = 1.25
CART_BYTES_MAX = 1_536.0
COLD_MAX_S, WARM_MAX_S = 60.0, 3.0
RSS_BYTES_MAX = 200_000_000


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """``wanted`` is empty for what is only compared; ``before``: the figure of an earlier release, empty if unknown."""

    what: str
    wanted: str
    measured: str
    met: bool
    before: str


class Before(msgspec.Struct, frozen=True):
    """What an earlier run of this benchmark measured, by goal. Another day of such a machine: compare shares, not times."""

    at: str
    measured: dict[str, str]


def before() -> Before:
    """The figures in ``before.json``."""
    return msgspec.json.decode((Path(__file__).parent / "before.json").read_bytes(), type=Before)


def flatness(results: Results, connections: int) -> float:
    """The ratio of an add's p50 among the most carts to that among the fewest."""
    cells = sorted((c for c in results.scale if c.cell.connections == connections), key=lambda c: c.live)
    return ratio(cells[-1].cell.figures.p50_us, cells[0].cell.figures.p50_us) if cells else 0.0


def goals(results: Results) -> list[Goal]:
    """Every goal, in the order of the tables."""
    add_32, add_1 = results.operation(ADD, 32).figures, results.operation(ADD, 1).figures
    bare = results.operation(NOTHING, 32).figures.per_second
    whole, health = (results.operation(name, 32).figures.per_second for name in (ADD_WHOLE, HEALTH))
    share, whole_share, health_share = (ratio(one, bare) for one in (add_32.per_second, whole, health))
    flat_1, flat_32 = flatness(results, 1), flatness(results, 32)
    cpu_us = sum(results.operation(ADD, 32).cpu_us.values())
    heaviest = max((footprint.all_bytes for footprint in results.memory), default=0.0)
    rss = own_rss_bytes(results.processes)
    cold_s, warm_s = results.startup.cold_s, results.startup.warm_s
    rows = [
        ("add at 32 connections, of the bare do-nothing handler", "≥ 25 %", f"{share:.0%} ({add_32.per_second:,.0f}/s)",
         share >= SHARE_OF_NOTHING_MIN),
        ("add with the whole cart at 32 connections, of the bare handler", "≥ 18 %", f"{whole_share:.0%} ({whole:,.0f}/s)",
         whole_share >= WHOLE_SHARE_MIN),
        ("GET /healthz at 32 connections, of the bare handler", "≥ 50 %", f"{health_share:.0%} ({health:,.0f}/s)",
         health_share >= HEALTH_SHARE_MIN),
        ("add, p95 at 32 connections", "< 10 ms", f"{add_32.p95_us / 1000:.2f} ms", add_32.p95_us < P95_AT_32_MAX_US),
        ("add, p95 at 1 connection", "< 1 ms", f"{add_1.p95_us / 1000:.2f} ms", add_1.p95_us < P95_AT_1_MAX_US),
        *(
            (f"add, p50 among the most carts against the fewest, at {what}", f"flat: ≤ {FLAT_MAX}", f"{flat:.2f}",
             flat <= FLAT_MAX)
            for what, flat in (("1 connection", flat_1), ("32 connections", flat_32))
        ),
        ("CPU of an add, all processes", "", f"{cpu_us:.0f} µs", True),
        ("memory per cart of 5 lines, the heaviest row", "< 1.5 KB", f"{heaviest:,.0f} bytes",
         heaviest < CART_BYTES_MAX),
        ("ready, cold", "< 60 s", f"{cold_s:.1f} s", cold_s < COLD_MAX_S),
        ("ready, warm", "< 3 s", f"{warm_s:.1f} s", warm_s < WARM_MAX_S),
        ("resident memory of all processes but the databases", "< 200 MB", f"{rss / 1e6:.0f} MB", rss < RSS_BYTES_MAX),
    ]  # fmt: skip
    known = before().measured
    return [
        Goal(what=what, wanted=wanted, measured=measured, met=met, before=known.get(what, ""))
        for what, wanted, measured, met in rows
    ]
