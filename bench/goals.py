"""The goals of the shop compared with the results. A missed goal is reported, never raised."""

import msgspec

from bench.baselines import NOTHING
from bench.figures import ratio
from bench.results import Results
from bench.startup import own_rss_bytes

ADD = "add, minimal answer"
SHARE_OF_NOTHING_MIN = 0.25
P95_AT_32_MAX_US, P95_AT_1_MAX_US = 10_000.0, 1_000.0
#: An add counts as flat if its p50 among many carts is at most this many times its p50 among few.
FLAT_MAX = 1.25
CART_BYTES_MAX = 1_536.0
COLD_MAX_S, WARM_MAX_S = 60.0, 3.0
RSS_BYTES_MAX = 200_000_000


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    what: str
    wanted: str
    measured: str
    met: bool


def flatness(results: Results, connections: int) -> float:
    """The ratio of an add's p50 among the most carts to that among the fewest."""
    cells = sorted((c for c in results.scale if c.cell.connections == connections), key=lambda c: c.live)
    return ratio(cells[-1].cell.figures.p50_us, cells[0].cell.figures.p50_us) if cells else 0.0


def goals(results: Results) -> list[Goal]:
    """Every goal, in the order of the tables."""
    add_32, add_1 = results.operation(ADD, 32).figures, results.operation(ADD, 1).figures
    share = ratio(add_32.per_second, results.operation(NOTHING, 32).figures.per_second)
    flat = max(flatness(results, connections) for connections in (1, 32))
    heaviest = max((footprint.all_bytes for footprint in results.memory), default=0.0)
    rss = own_rss_bytes(results.processes)
    cold_s, warm_s = results.startup.cold_s, results.startup.warm_s
    rows = [
        ("add at 32 connections, of the bare do-nothing handler", "≥ 25 %", f"{share:.0%} ({add_32.per_second:,.0f}/s)",
         share >= SHARE_OF_NOTHING_MIN),
        ("add, p95 at 32 connections", "< 10 ms", f"{add_32.p95_us / 1000:.2f} ms", add_32.p95_us < P95_AT_32_MAX_US),
        ("add, p95 at 1 connection", "< 1 ms", f"{add_1.p95_us / 1000:.2f} ms", add_1.p95_us < P95_AT_1_MAX_US),
        ("add, p50 among the most carts against the fewest", f"flat: ≤ {FLAT_MAX}", f"{flat:.2f}",
         flat <= FLAT_MAX),
        ("memory per cart of 5 lines, the heaviest row", "< 1.5 KB", f"{heaviest:,.0f} bytes",
         heaviest < CART_BYTES_MAX),
        ("ready, cold", "< 60 s", f"{cold_s:.1f} s", cold_s < COLD_MAX_S),
        ("ready, warm", "< 3 s", f"{warm_s:.1f} s", warm_s < WARM_MAX_S),
        ("resident memory of all processes but the databases", "< 200 MB", f"{rss / 1e6:.0f} MB", rss < RSS_BYTES_MAX),
    ]  # fmt: skip
    return [Goal(what=what, wanted=wanted, measured=measured, met=met) for what, wanted, measured, met in rows]
