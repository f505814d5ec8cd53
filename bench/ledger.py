"""``python -m bench.ledger``: captures a second through ``post`` and the balance of a hot account among a million transactions.

In one process on its own PostgreSQL. The baseline writes the same rows in one statement into tables with the same indexes, but
without triggers, checks and foreign keys. A worker writes checkpoints meanwhile, as in a shop.
"""

import argparse
import asyncio
import itertools
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from bench.figures import Figures, from_latencies, median, ratio
from bench.processes import cpu_by_role, tree
from renga.apps.modules import MODULES
from renga.domains.payments.contract.ledger import LedgerEntry, LedgerTransaction
from renga.domains.payments.contract.ledger_reading import READING_LEDGER
from renga.domains.payments.ledger.count_checkpoints import CheckpointCounter
from renga.domains.payments.ledger.jobs import count_until_cancelled
from renga.domains.payments.ledger.local import LocalLedger
from renga.domains.payments.stores.ledger_checkpoints import PostgresLedgerCheckpoints
from renga.domains.payments.stores.ledger_reading import PostgresLedger
from renga.domains.payments.stores.ledger_writing import post
from renga.kernel.caller import Caller
from renga.platform.engines.folder import DataFolder
from renga.platform.engines.postgres import Postgres
from renga.platform.postgres import calls
from renga.platform.postgres.migrations import upgrade
from renga.platform.postgres.pool import open_pool
from renga.platform.running import run_until_signal

TRANSACTIONS, CONNECTIONS, SECONDS, ROUNDS, READS = 1_000_000, 8, 4.0, 5, 500
READ_PAUSE_S, LOAD_TIMEOUT_S, LOAD_CHUNK, BATCH = 0.02, 900.0, 100_000, 10
#: Transactions a second, and the balance of a hot account.
GOAL_PER_S, GOAL_P95_MS = 1_000, 5.0
HOT, MERCHANTS, AMOUNT = "clearing:sim", 100, 10_000
FINANCE = Caller.of_system("bench", READING_LEDGER)

#: The captures that ``capture`` makes, with their digests, by a session that asks no trigger.
_LOAD = """
    WITH n AS (
        SELECT g, 'order:' || g AS reference, 'merchant:m' || g % 100 AS merchant FROM generate_series($1::bigint, $2) AS g
    ), t AS (
        INSERT INTO payments.ledger_transactions (id, key, digest, kind, reference, at_ms, entries)
        SELECT g, 'capture:' || g, sha256(convert_to(concat_ws(E'\n', 'capture', reference, 'clearing:sim BRL 10000',
            'commission BRL -500', 'customer:' || reference || ' BRL -10000', 'customer:' || reference || ' BRL 10000',
            merchant || ' BRL -8500', 'tax BRL -1000'), 'UTF8')), 'capture', reference, 1700000000000 + g, 6
        FROM n
    )
    INSERT INTO payments.ledger_entries (transaction, position, entries, amount, currency, account)
    SELECT g, e.position, 6, e.amount, 'BRL', e.account
    FROM n CROSS JOIN LATERAL (VALUES
        (1, 10000, 'clearing:sim'), (2, -10000, 'customer:' || reference), (3, 10000, 'customer:' || reference),
        (4, -8500, merchant), (5, -500, 'commission'), (6, -1000, 'tax')) AS e (position, amount, account)
"""
_BARE = (
    "CREATE SCHEMA bare",
    "CREATE SEQUENCE bare.ids",
    "CREATE TABLE bare.t (LIKE payments.ledger_transactions INCLUDING INDEXES)",
    "ALTER TABLE bare.t ALTER id SET DEFAULT nextval('bare.ids')",
    "CREATE TABLE bare.e (LIKE payments.ledger_entries INCLUDING INDEXES)",
)
_INSERT = """
    WITH t AS (
        INSERT INTO bare.t (key, digest, kind, reference, at_ms, entries) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
    )
    INSERT INTO bare.e (transaction, position, entries, amount, currency, account)
    SELECT t.id, e.* FROM t, unnest($7::smallint[], $8::smallint[], $9::bigint[], $10::text[], $11::text[]) AS e
"""

Write = Callable[[calls.Connection, Sequence[LedgerTransaction]], Awaitable[None]]


class LedgerRun(msgspec.Struct, kw_only=True):
    """What was measured: writes by round, balances without checkpoints, with them, and while others write; µs of CPU per capture
    (program, database) by kind of write; seconds.
    """

    transactions: int
    posted: list[Figures] = []
    batched: list[Figures] = []
    bare: list[Figures] = []
    summed: Figures
    balance: Figures
    busy: list[Figures] = []
    cpu_us: dict[str, list[tuple[float, float]]] = {}
    load_s: float
    count_s: float
    verify_s: float = 0.0


def capture(number: int) -> LedgerTransaction:
    """A capture that is divided at once."""
    customer, merchant = f"customer:order:{number}", f"merchant:m{number % MERCHANTS}"
    entries = (
        (HOT, AMOUNT), (customer, -AMOUNT), (customer, AMOUNT), (merchant, -8_500), ("commission", -500), ("tax", -1_000),
    )  # fmt: skip
    return LedgerTransaction(
        key=f"capture:{number}", kind="capture", reference=f"order:{number}",
        entries=tuple(LedgerEntry(account, amount, "BRL") for account, amount in entries),
    )  # fmt: skip


@asynccontextmanager
async def loaded_pool(
    folder: Path, transactions: int, connections: int
) -> AsyncIterator[tuple[calls.Pool, int, float]]:
    """A PostgreSQL of its own with so many transactions, the server's process id, and how long the loading took."""
    engine = Postgres(DataFolder(folder))
    await engine.start()
    try:
        await upgrade(engine.url, [one.migrations for one in MODULES if one.name == "payments" and one.migrations])
        pool = await open_pool(engine.url, max_size=connections + 3)
        try:
            began = time.perf_counter()
            await _load(pool, transactions)
            assert engine.pid is not None
            yield pool, engine.pid, time.perf_counter() - began
        finally:
            await pool.close()
    finally:
        await engine.stop(10.0)


async def _load(pool: calls.Pool, transactions: int) -> None:
    async with pool.acquire() as connection:
        for statement in _BARE:
            await connection.execute(statement)
        for first in range(1, transactions + 1, LOAD_CHUNK):
            async with connection.transaction():
                await connection.execute("SET LOCAL session_replication_role = replica")
                last = min(first + LOAD_CHUNK - 1, transactions)
                await connection.execute(_LOAD, first, last, timeout=LOAD_TIMEOUT_S)
        await connection.execute("SELECT setval('payments.ledger_transaction_ids', $1)", transactions)
        # the baseline's tables are as large
        await connection.execute(
            "INSERT INTO bare.t SELECT * FROM payments.ledger_transactions", timeout=LOAD_TIMEOUT_S
        )
        await connection.execute("INSERT INTO bare.e SELECT * FROM payments.ledger_entries", timeout=LOAD_TIMEOUT_S)
        await connection.execute("SELECT setval('bare.ids', $1)", transactions)
        for table in ("payments.ledger_transactions", "payments.ledger_entries", "bare.t", "bare.e"):
            await connection.execute(f"VACUUM (ANALYZE) {table}", timeout=LOAD_TIMEOUT_S)


async def write_posted(connection: calls.Connection, transactions: Sequence[LedgerTransaction]) -> None:
    await post(connection, transactions, time.time_ns() // 1_000_000)


async def write_bare(connection: calls.Connection, transactions: Sequence[LedgerTransaction]) -> None:
    (transaction,) = transactions
    entries, size = transaction.entries, len(transaction.entries)
    await connection.execute(
        _INSERT, transaction.key, b"d" * 32, transaction.kind, transaction.reference, time.time_ns() // 1_000_000, size,
        list(range(1, size + 1)), [size] * size, [one.amount for one in entries], [one.currency for one in entries],
        [one.account for one in entries],
    )  # fmt: skip


async def write(
    pool: calls.Pool, numbers: "itertools.count[int]", act: Write, connections: int, seconds: float, at_once: int = 1
) -> Figures:
    """Everybody writes captures, ``at_once`` per database transaction, again and again; counted are captures."""
    until = time.perf_counter() + seconds
    latencies: list[float] = []

    async def writer() -> None:
        while (began := time.perf_counter()) < until:
            async with calls.transaction(pool) as connection:
                await act(connection, [capture(next(numbers)) for _ in range(at_once)])
            latencies.extend([(time.perf_counter() - began) * 1e6] * at_once)

    began = time.perf_counter()
    await asyncio.gather(*(writer() for _ in range(connections)))
    return from_latencies(latencies, time.perf_counter() - began, failed=0)


async def read(ledger: LocalLedger, reads: int, pause_s: float = 0.0, stop: asyncio.Event | None = None) -> Figures:
    """The hot account's balance, one read after the other."""
    latencies: list[float] = []
    first = time.perf_counter()
    while len(latencies) < reads and not (stop and stop.is_set() and latencies):
        began = time.perf_counter()
        await ledger.balances(FINANCE, HOT)
        latencies.append((time.perf_counter() - began) * 1e6)
        await asyncio.sleep(pause_s)
    return from_latencies(latencies, time.perf_counter() - first, failed=0)


async def _sees_none(caller: Caller, merchant: str) -> bool:
    """Only finance reads here."""
    return False


async def measured(transactions: int, connections: int, seconds: float, rounds: int, reads: int = READS) -> LedgerRun:
    """Posts and bare inserts in turn."""
    with tempfile.TemporaryDirectory(prefix="renga-bench-") as folder:
        async with loaded_pool(Path(folder) / "data", transactions, connections) as (pool, server, load_s):
            ledger = LocalLedger(PostgresLedger(pool), _sees_none)
            checkpoints = PostgresLedgerCheckpoints(pool)
            summed = await read(ledger, 5)
            began = time.perf_counter()
            await _count(checkpoints)
            count_s = time.perf_counter() - began
            run = LedgerRun(
                transactions=transactions, load_s=load_s, count_s=count_s, summed=summed,
                balance=await read(ledger, reads),
            )  # fmt: skip
            worker = asyncio.create_task(count_until_cancelled(checkpoints))
            try:
                await _rounds(run, pool, ledger, server, connections, seconds, rounds)
            finally:
                worker.cancel()
                await asyncio.gather(worker, return_exceptions=True)
            await _check(run, ledger)
    return run


async def _rounds(
    run: LedgerRun, pool: calls.Pool, ledger: LocalLedger, server: int, connections: int, seconds: float, rounds: int
) -> None:
    numbers = itertools.count(run.transactions + 1)
    await write(pool, numbers, write_posted, connections, min(1.0, seconds))
    kinds = (
        ("bare", run.bare, write_bare, 1),
        ("posted", run.posted, write_posted, 1),
        ("batched", run.batched, write_posted, BATCH),
    )
    for _ in range(rounds):
        for name, cells, act, at_once in kinds:
            own, theirs = _own_cpu_s(), _database_cpu_s(server)
            figures = await write(pool, numbers, act, connections, seconds, at_once)
            used = (_own_cpu_s() - own, _database_cpu_s(server) - theirs)
            cells.append(figures)
            spent = [seconds / figures.requests * 1e6 for seconds in used]
            run.cpu_us.setdefault(name, []).append((spent[0], spent[1]))
        stop = asyncio.Event()
        reader = asyncio.create_task(read(ledger, sys.maxsize, READ_PAUSE_S, stop))
        await write(pool, numbers, write_posted, connections, seconds)
        stop.set()
        run.busy.append(await reader)


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _database_cpu_s(server: int) -> float:
    return sum(cpu_by_role(tree(server)).values())


async def _count(checkpoints: PostgresLedgerCheckpoints) -> None:
    counter = CheckpointCounter(checkpoints)
    while await counter.step():
        pass  # the next batch


async def _check(run: LedgerRun, ledger: LocalLedger) -> None:
    """Ends the program if the books are not right."""
    began = time.perf_counter()
    faults = await ledger.verify(FINANCE)
    run.verify_s = time.perf_counter() - began
    whole = await ledger.trial_balance(FINANCE, whole=True)
    if faults or not whole.balanced or await ledger.trial_balance(FINANCE) != whole:
        raise SystemExit(f"the ledger does not add up after the run: {faults[:3]}")


def report(run: LedgerRun) -> str:
    """The table of the medians, and whether the goals are met."""
    lines = [f"{'write':34} {'per second':>10} {'p50 ms':>8} {'p95 ms':>8} {'program µs':>11} {'database µs':>12}"]
    for name, kind, cells in (
        ("post, 6 entries each", "posted", run.posted), ("bare inserts of the same", "bare", run.bare),
        (f"post, {BATCH} at once", "batched", run.batched),
    ):  # fmt: skip
        program, database = (median(one) for one in zip(*run.cpu_us.get(kind, [(0.0, 0.0)]), strict=True))
        rate = median([one.per_second for one in cells])
        lines.append(f"{name:34} {rate:10,.0f} {_ms(cells)} {program:11.0f} {database:12.0f}")
    share = ratio(median([one.per_second for one in run.posted]), median([one.per_second for one in run.bare]))
    lines.append(f"post reaches {share:.0%} of bare inserts; goal {GOAL_PER_S:,}/s")
    lines.append(f"{f'balance among {run.transactions:,}':34} {'reads':>10} {'p50 ms':>8} {'p95 ms':>8}")
    for name, cells in (
        ("sum of all entries", [run.summed]), ("from the checkpoint", [run.balance]), ("while others post", run.busy)
    ):  # fmt: skip
        lines.append(f"{name:34} {sum(one.requests for one in cells):10,} {_ms(cells)}")
    lines.append(f"goal: p95 < {GOAL_P95_MS:.0f} ms")
    lines.append(f"loaded in {run.load_s:.0f} s, counted in {run.count_s:.1f} s, verified in {run.verify_s:.0f} s")
    return "\n".join(lines)


def _ms(cells: Sequence[Figures]) -> str:
    p50, p95 = (median([getattr(one, name) for one in cells]) / 1000 for name in ("p50_us", "p95_us"))
    return f"{p50:8.2f} {p95:8.2f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ledger", description=__doc__)
    parser.add_argument("--transactions", type=int, default=TRANSACTIONS)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args(arguments)
    run = run_until_signal(measured(chosen.transactions, chosen.connections, chosen.seconds, chosen.rounds))
    if run is None:
        sys.exit(130)
    print(report(run))


if __name__ == "__main__":
    main()
