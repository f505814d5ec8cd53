"""The results as tables of text, for the terminal and for docs/performance.md alike."""

from collections.abc import Sequence

import msgspec

from bench.baselines import HEALTH, NOTHING
from bench.cell import CONNECTIONS
from bench.figures import Figures, ratio
from bench.goals import ADD, Goal, before, flatness, goals
from bench.processes import DATABASES
from bench.results import Results
from bench.startup import own_rss_bytes


class Table(msgspec.Struct, frozen=True):
    """The first ``left`` columns are text, the others figures. ``note`` describes the measurement."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""
    left: int = 1


_FIGURES = ("requests/s", "p50 ms", "p95 ms", "p99 ms", "failed")


def _row(figures: Figures) -> tuple[str, ...]:
    latencies = (f"{us / 1000:.2f}" for us in (figures.p50_us, figures.p95_us, figures.p99_us))
    return (f"{figures.per_second:,.0f}", *latencies, str(figures.failed))


def goals_table(results: Results) -> Table:
    """Every goal, beside what was measured before."""
    rows = [(g.what, g.before, g.wanted, g.measured, _verdict(g)) for g in goals(results)]
    return Table(
        "Goals, before and after",
        ("goal", f"before ({before().at})", "wanted", "measured", ""),
        rows,
        "Before: the same benchmark on an earlier release and another day, when such a machine was up to twice as fast "
        "(its bare handler: 44,378/s at 32 connections). Shares and ratios can be compared, times and rates cannot.",
    )


def _verdict(goal: Goal) -> str:
    if not goal.wanted:
        return ""
    return "met" if goal.met else "not met"


def _operations(results: Results) -> Table:
    rows = [(c.operation, str(c.connections), *_row(c.figures)) for c in (*results.operations, *results.baselines)]
    rows += [(f"bare script ({c.driver})", str(c.connections), *_row(c.figures)) for c in results.script]
    late = sum(not c.settled for c in (*results.operations, *results.baselines))
    note = (
        f"Over {results.options.driven:,} carts of 5 lines in turn, every add to a line that is there; "
        f"{results.options.seconds} s a cell, closed loop, each cell begun when the news of the one before was relayed"
    )
    return Table(
        "Operations",
        ("operation", "connections", *_FIGURES),
        rows,
        note + (f" ({late} cells began while it was still being relayed)." if late else "."),
    )


def _ratios(results: Results) -> Table:
    rows = []
    for n in CONNECTIONS:
        add = results.operation(ADD, n).figures.per_second
        bare = next(c.figures.per_second for c in results.script if c.connections == n)
        zero_results = results.operation(NOTHING, n).figures.per_second
        health = results.operation(HEALTH, n).figures.per_second
        rows += [
            ("add / do nothing (bare ASGI)", str(n), f"{ratio(add, zero_results):.0%}"),
            ("add / do nothing (GET /healthz)", str(n), f"{ratio(add, health):.0%}"),
            ("add over HTTP / bare script", str(n), f"{ratio(add, bare):.0%}"),
        ]
    return Table("Ratios, in requests/s", ("ratio", "connections", "share"), sorted(rows))


def _scale(results: Results) -> Table:
    rows = [
        (f"{c.live:,}", f"{c.driven:,}", str(c.cell.connections), *_row(c.cell.figures))
        for c in sorted(results.scale, key=lambda c: (c.cell.connections, c.live))
    ]
    flat = ", ".join(f"{flatness(results, n):.2f} times at {n}" for n in CONNECTIONS)
    return Table(
        "Add by number of live carts",
        ("live carts", "driven", "connections", *_FIGURES),
        rows,
        f"p50 among the most against the fewest: {flat}. The same number is driven in turn, spread evenly over all. The many "
        "are copies of a cart that the shop made, field by field with their deadlines, written by a script in the server, "
        "500 a call.",
    )


def _memory(results: Results) -> Table:
    rows = [(m.what, m.encoding, f"{m.carts:,}", f"{m.hash_bytes:,}", f"{m.all_bytes:,.0f}") for m in results.memory]
    return Table(
        "Bytes of the store's memory per cart of 5 lines",
        ("cart", "encoding", "over carts", "hash", "all"),
        rows,
        "hash: MEMORY USAGE of the key. all: what used_memory grew by, with the key, its expiry and its entry in "
        "the index of deadlines.",
        left=2,
    )


def _parts(results: Results) -> Table:
    ours = {"edge", "parse", "decide", "script", "encode"}
    rows = [(part.name, f"{part.cpu_us:.1f}") for part in results.parts if part.group in ours]
    total = sum(part.cpu_us for part in results.parts if part.group in ours)
    web = results.operation(ADD, 32).cpu_us.get("web", 0.0)
    rows += [
        ("sum of these: an add, minimal answer", f"{total:.1f}"),
        ("web process per add at 32 connections, by the kernel", f"{web:.1f}"),
        ("so the rest: uvicorn, HTTP parsing, sockets, tasks, garbage collection", f"{web - total:.1f}"),
    ]
    rows += [(part.name, f"{part.cpu_us:.1f}") for part in results.parts if part.group not in ours]
    return Table(
        "CPU of an add by part",
        ("part", "µs"),
        rows,
        "Each part is the shop's real function in a loop; calls of the server with 32 callers side by side.",
    )


def _processes(results: Results) -> Table:
    cells = [c for c in results.operations if c.connections == CONNECTIONS[-1]]
    roles = sorted({role for c in cells for role in c.cpu_us})
    rows = [(c.operation, *(f"{c.cpu_us.get(role, 0.0):.0f}" for role in roles)) for c in cells]
    return Table(
        "CPU µs per request by process, at 32 connections",
        ("operation", *roles),
        rows,
        "While the cell ran: news that was relayed after it is not in it.",
    )


def _startup(results: Results) -> Table:
    s = results.startup
    runs = ", ".join(f"{run:.2f}" for run in s.warm_runs_s)
    rows = [
        ("cold: an empty data folder, migrations, demo catalogue", f"{s.cold_s:.2f}"),
        (f"warm: median of {len(s.warm_runs_s)} ({runs})", f"{s.warm_s:.2f}"),
    ]
    return Table("From the start of `renga up` until /readyz answers 200", ("start", "s"), rows)


def _resident(results: Results) -> Table:
    own = sorted((p for p in results.processes if p.role not in DATABASES), key=lambda p: -p.rss_bytes)
    rows = [(p.role, f"{p.rss_bytes / 1e6:.0f}") for p in own]
    rows.append(("all but the databases", f"{own_rss_bytes(results.processes) / 1e6:.0f}"))
    for role in DATABASES:
        rows.append((role, f"{sum(p.rss_bytes for p in results.processes if p.role == role) / 1e6:.0f}"))
    return Table(
        "Resident memory after all of this",
        ("process", "MB"),
        rows,
        "Pages that processes share count in each of them (PostgreSQL's buffers above all).",
    )


def tables(results: Results) -> list[Table]:
    """Every table, in the order of the page."""
    makers = (goals_table, _operations, _ratios, _scale, _memory, _parts, _processes, _startup, _resident)
    return [make(results) for make in makers]
