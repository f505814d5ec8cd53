"""The goals' table: every goal is compared with what was measured before, and missed goals are said."""

from bench.baselines import HEALTH, NOTHING
from bench.figures import Figures
from bench.goals import ADD, ADD_WHOLE, before, goals
from bench.machine import Machine
from bench.memory import Footprint
from bench.options import Options
from bench.processes import Process
from bench.results import Results
from bench.scale import ScaleCell
from bench.startup import Startup
from bench.tables import goals_table
from bench.throughput import OperationCell

#: Requests in a second at 32 connections.
RATES = {ADD: 250, ADD_WHOLE: 179, HEALTH: 500, NOTHING: 1_000}


def cell(operation: str, connections: int, *, requests: int = 100, p50_us: float = 400.0) -> OperationCell:
    figures = Figures(requests=requests, seconds=1.0, failed=0, p50_us=p50_us, p95_us=900.0, p99_us=1_000.0)
    cpu_us = {"web": 100.0, "worker": 60.0}
    return OperationCell(operation=operation, connections=connections, figures=figures, cpu_us=cpu_us, settled=True)


RESULTS = Results(
    at="2026-11-30T00:00:00Z",
    took_s=1.0,
    options=Options(),
    machine=Machine(processor="", cores=2, memory_gb=1.0, system="", versions={}, driver=""),
    operations=[cell(name, n, requests=RATES[name]) for name in (ADD, ADD_WHOLE) for n in (1, 32)],
    baselines=[cell(name, n, requests=RATES[name]) for name in (NOTHING, HEALTH) for n in (1, 32)],
    script=[],
    scale=[
        ScaleCell(live=live, driven=1, cell=cell(ADD, n, p50_us=us))
        for n, live, us in ((1, 1, 400.0), (1, 9, 500.0), (32, 1, 400.0), (32, 9, 504.0))
    ],
    memory=[Footprint(what="", carts=1, encoding="", hash_bytes=1, all_bytes=1_000.0)],
    parts=[],
    startup=Startup(cold_s=5.0, warm_runs_s=[2.0, 3.5, 2.5]),
    processes=[
        Process(1, "web", 150_000_000, 1.0),
        Process(2, "worker", 60_000_000, 1.0),
        Process(3, "valkey", 9**9, 1),
    ],
)


def test_a_goal_is_met_from_its_bound_on() -> None:
    assert {goal.what: goal.met for goal in goals(RESULTS)} == {
        "add at 32 connections, of the bare do-nothing handler": True,
        "add with the whole cart at 32 connections, of the bare handler": False,
        "GET /healthz at 32 connections, of the bare handler": True,
        "add, p95 at 32 connections": True,
        "add, p95 at 1 connection": True,
        "add, p50 among the most carts against the fewest, at 1 connection": True,
        "add, p50 among the most carts against the fewest, at 32 connections": False,
        "CPU of an add, all processes": True,
        "memory per cart of 5 lines, the heaviest row": True,
        "ready, cold": True,
        "ready, warm": True,
        "resident memory of all processes but the databases": False,
    }


def test_every_goal_stands_beside_what_was_measured_before() -> None:
    assert {goal.what for goal in goals(RESULTS)} == set(before().measured)
    assert all(goal.before for goal in goals(RESULTS))


def test_the_table_says_met_or_not_and_nothing_where_there_is_no_goal() -> None:
    rows = goals_table(RESULTS).rows
    assert [row[-1] for row in rows].count("not met") == 3
    assert [row[-1] for row in rows if not row[2]] == [""]
