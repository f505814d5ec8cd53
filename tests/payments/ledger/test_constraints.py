"""Nobody brings the ledger out of balance in SQL; and each trigger and constraint is needed for that."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from renga.platform.postgres import calls
from tests.payments.ledger.attacks import ATTACKS, DROPS, LAST, Attack, begun, line, pair
from tests.payments.ledger.books import Books, transfer

#: What PostgreSQL says when one of them refuses.
REFUSALS = (asyncpg.IntegrityConstraintViolationError, asyncpg.NumericValueOutOfRangeError)


@pytest.fixture
async def booked(books: Books) -> Books:
    await books.post(transfer("merchant:house", "clearing:sim", 100, key="booked"))
    return books


class _Undone(Exception):
    """Ends a trial without a trace."""


@asynccontextmanager
async def trial(pool: calls.Pool) -> AsyncIterator[calls.Connection]:
    """A transaction that is rolled back."""
    async with pool.acquire() as connection:
        try:
            async with connection.transaction():
                yield connection  # type: ignore[misc]
                raise _Undone
        except _Undone:
            pass


async def succeeds(connection: calls.Connection, attack: Attack) -> bool:
    """Whether nothing refuses it, up to what a commit would check."""
    try:
        async with connection.transaction():
            await connection.execute(attack.sql)
            await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            raise _Undone
    except asyncpg.PostgresError:
        return False
    except _Undone:
        return True


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_it_is_refused_and_nothing_changed(booked: Books, attack: Attack) -> None:
    before = await booked.rows()
    async with booked.pool.acquire() as connection:
        with pytest.raises(REFUSALS) as refusal:
            async with connection.transaction():
                await connection.execute(attack.sql)
    if attack.refused_by == "check":
        assert refusal.value.constraint_name in ("ledger_balanced", "ledger_complete")
    elif attack.refused_by.startswith("keep"):
        assert isinstance(refusal.value, asyncpg.RestrictViolationError)
    else:
        assert refusal.value.constraint_name == attack.refused_by
    assert await booked.rows() == before
    await booked.adds_up()


@pytest.mark.parametrize("dropped", DROPS)
async def test_each_protection_is_needed(booked: Books, dropped: str) -> None:
    """Without it exactly the attacks succeed that it refuses alone."""
    mine = {attack.name for attack in ATTACKS if attack.refused_by == dropped}
    assert mine
    async with trial(booked.pool) as connection:
        await connection.execute(DROPS[dropped])
        through = {attack.name for attack in ATTACKS if await succeeds(connection, attack)}
    assert through, "no attack shows that this is needed"
    assert through <= mine


async def test_transactions_without_entries_are_not_truncated(booked: Books) -> None:
    before = await booked.rows()
    both = "TRUNCATE payments.ledger_transactions, payments.ledger_entries"
    for attack in (both, "TRUNCATE payments.ledger_transactions CASCADE"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await booked.pool.execute(attack)
    assert await booked.rows() == before
    async with trial(booked.pool) as connection:
        await connection.execute("DROP TRIGGER keep_all_ledger_entries ON payments.ledger_entries")
        with pytest.raises(asyncpg.RestrictViolationError):
            async with connection.transaction():
                await connection.execute(both)
        await connection.execute("DROP TRIGGER keep_all_ledger_transactions ON payments.ledger_transactions")
        await connection.execute(both)


async def test_several_statements_may_write_one_transaction(booked: Books) -> None:
    async with booked.pool.acquire() as connection, connection.transaction():
        await connection.execute(pair("platform", 2**53 - 1))
        await connection.execute(begun("more", 4) + line(4, 4, "tax", -7, "USD") + line(2, 4, "tax", 5))
        await connection.execute(line(1, 4, "platform", -5) + line(3, 4, "platform", 7, "USD"))
    assert await booked.balance("platform") == 2**53 - 1 - 5
    assert await booked.balance("platform", "USD") == 7
    # digests written by hand are not those of the contents, which is all that is wrong
    faults = [(one.kind, one.subject) for one in await booked.ledger.reads.faults(10)]
    assert faults == [("changed", "new"), ("changed", "more")]


async def copied(pool: calls.Pool, *amounts: int) -> None:
    """One transaction of two entries by COPY, with these amounts; the number that it asks for is not the one it gets."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.copy_records_to_table(
            "ledger_transactions", schema_name="payments", records=[(-7, "new", b"d" * 32, "capture", "r", 1, 2)],
            columns=["id", "key", "digest", "kind", "reference", "at_ms", "entries"],
        )  # fmt: skip
        number = await connection.fetchval(f"SELECT {LAST}")
        await connection.copy_records_to_table(
            "ledger_entries", schema_name="payments",
            columns=["transaction", "position", "entries", "amount", "currency", "account"],
            records=[(number, place, 2, amount, "BRL", "tax") for place, amount in enumerate(amounts, 1)],
        )  # fmt: skip


@pytest.mark.parametrize("amounts", [(10, -9), (10,), (10, -10, 1), ()])
async def test_copy_is_checked(booked: Books, amounts: tuple[int, ...]) -> None:
    before = await booked.rows()
    with pytest.raises(REFUSALS):
        await copied(booked.pool, *amounts)
    assert await booked.rows() == before


async def test_copy_of_a_balanced_transaction(booked: Books) -> None:
    await copied(booked.pool, 10, -10)
    (found,) = await booked.ledger.reads.balances("tax")
    assert (found.debits, found.credits, found.balance) == (10, 10, 0)


async def test_nobody_chooses_the_number_of_a_transaction(booked: Books) -> None:
    """A number below a checkpoint would be counted by no balance."""
    first: int = await booked.pool.fetchval(f"SELECT {LAST}")
    given = "INSERT INTO payments.ledger_transactions (id, key, digest, kind, reference, at_ms, entries) VALUES (0, "
    sql = pair("platform", 1)
    await booked.pool.execute(sql.replace(sql.partition("'new'")[0], given))
    numbers = [row[0] for row in await booked.pool.fetch("SELECT id FROM payments.ledger_transactions ORDER BY id")]
    assert numbers == [first, first + 1]
    async with trial(booked.pool) as connection:
        await connection.execute("DROP TRIGGER number_ledger_transaction ON payments.ledger_transactions")
        sql = pair("platform", 1).replace("new", "other").replace(LAST, "0")
        await connection.execute(sql.replace(sql.partition("'other'")[0], given) + "SET CONSTRAINTS ALL IMMEDIATE")
        assert await connection.fetchval("SELECT min(id) FROM payments.ledger_transactions") == 0


async def test_a_search_path_of_ones_own_fools_no_check(booked: Books) -> None:
    """An operator that finds everything equal is not asked."""
    before = await booked.rows()
    fooling = """
        CREATE SCHEMA evil;
        CREATE FUNCTION evil.never(numeric, integer) RETURNS boolean LANGUAGE sql AS 'SELECT false';
        CREATE OPERATOR evil.<> (LEFTARG = numeric, RIGHTARG = integer, FUNCTION = evil.never);
        SET LOCAL search_path = evil, pg_catalog;
    """
    async with booked.pool.acquire() as connection:
        begun_by_hand = connection.transaction()
        await begun_by_hand.start()
        await connection.execute(fooling)
        assert await connection.fetchval("SELECT 5::numeric <> 0") is False
        await connection.execute(begun("new", 2) + line(1, 2, "tax", 100) + line(2, 2, "platform", -99))
        with pytest.raises(asyncpg.CheckViolationError):
            await begun_by_hand.commit()
    assert await booked.rows() == before


async def test_the_example_of_the_readme_is_refused_at_the_commit(books: Books) -> None:
    readme = (Path(__file__).parents[3] / "src/renga/domains/payments/README.md").read_text("utf-8")
    example = readme.partition("```sql\n")[2].partition("```")[0]
    async with books.pool.acquire() as connection:
        with pytest.raises(
            asyncpg.CheckViolationError, match=r"^the entries of ledger transaction 1 \(by-hand\) do not sum"
        ):
            await connection.execute(example)
        await connection.execute("ROLLBACK")
        await connection.execute(example.replace("-99", "-100"))
    assert await books.keys() == ["by-hand"]
