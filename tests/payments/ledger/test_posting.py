"""Posting: once per key, all or nothing, without deadlocks; balances that are locked."""

import asyncio
from itertools import permutations

import asyncpg
import pytest

from renga.domains.payments.contract.errors import LedgerInvalid, LedgerKeyConflict, LedgerUnbalanced
from renga.domains.payments.ledger.model.conversion import conversion_account
from renga.domains.payments.stores.ledger_writing import balance_for_update, balances_for_update, post
from renga.platform.postgres import calls
from tests.payments.ledger.books import NOON_MS, Books, entry, transaction, transfer


async def test_a_capture_is_written_as_it_was_given(books: Books) -> None:
    merchant, commission = entry("merchant:house", -8_500), entry("commission", -500)
    made = transaction(entry("clearing:sim", 10_000), merchant, commission, entry("tax", -1_000), key="m:1")
    await books.post(made)
    assert await books.rows() == (
        [(1, "m:1", books_digest(await books.rows()), "capture", "order:1", NOON_MS, 4)],
        [
            (1, 1, 4, 10_000, "BRL", "clearing:sim"),
            (1, 2, 4, -8_500, "BRL", "merchant:house"),
            (1, 3, 4, -500, "BRL", "commission"),
            (1, 4, 4, -1_000, "BRL", "tax"),
        ],
    )
    await books.adds_up()


def books_digest(rows: object) -> object:
    """The digest that is stored; ``adds_up`` compares it with the entries."""
    return rows[0][0][2]  # type: ignore[index]


async def test_the_same_again_changes_nothing(books: Books) -> None:
    one = transaction(entry("clearing:sim", 7), entry("tax", -7), key="a")
    await books.post(one)
    before = await books.rows()
    turned = transaction(entry("tax", -7), entry("clearing:sim", 7), key="a")
    await books.post(one, turned, at_ms=NOON_MS + 5)
    async with calls.transaction(books.pool) as connection:
        await post(connection, [transfer("tax", "platform", 1, key="b")], NOON_MS)
        await post(connection, [transfer("tax", "platform", 1, key="b"), one], NOON_MS)
    assert (await books.rows())[0][:1] == before[0]
    assert await books.keys() == ["a", "b"]
    assert await books.balance("platform") == 1


@pytest.mark.parametrize(
    "other",
    [
        transaction(entry("clearing:sim", 8), entry("tax", -8), key="a"),
        transaction(entry("clearing:sim", 7), entry("platform", -7), key="a"),
        transaction(entry("clearing:sim", 7, "USD"), entry("tax", -7, "USD"), key="a"),
        transaction(entry("clearing:sim", 7), entry("tax", -7), key="a", kind="refund"),
        transaction(entry("clearing:sim", 7), entry("tax", -7), key="a", reference="order:2"),
    ],
)
async def test_the_same_key_with_another_content(books: Books, other: object) -> None:
    await books.post(transaction(entry("clearing:sim", 7), entry("tax", -7), key="a"))
    before = await books.rows()
    with pytest.raises(LedgerKeyConflict, match="'a'"):
        await books.post(transfer("tax", "platform", 1, key="0"), other, transfer("tax", "platform", 1, key="z"))  # type: ignore[arg-type]
    assert await books.rows() == before


async def test_after_a_conflict_nothing_of_the_callers_transaction_can_be_committed(books: Books) -> None:
    await books.post(transfer("tax", "platform", 1, key="a"))
    before = await books.rows()
    async with calls.transaction(books.pool) as connection:
        await post(connection, [transfer("tax", "platform", 5, key="b")], NOON_MS)
        with pytest.raises(LedgerKeyConflict):
            await post(connection, [transfer("tax", "platform", 2, key="a")], NOON_MS)
        with pytest.raises(asyncpg.InFailedSQLTransactionError):
            await post(connection, [transfer("tax", "platform", 3, key="c")], NOON_MS)
    # it left without an error, and PostgreSQL made of its COMMIT a ROLLBACK
    assert await books.rows() == before


async def test_a_refused_transaction_takes_the_others_with_it(books: Books) -> None:
    for wrong, error in (
        (transaction(entry("tax", 1), entry("platform", -2)), LedgerUnbalanced),
        (transfer("tax", "nobody", 1), LedgerInvalid),
    ):
        with pytest.raises(error):
            await books.post(transfer("tax", "platform", 1), wrong)
    assert await books.rows() == ([], [])


async def test_nothing_to_post_is_no_round_trip(books: Books) -> None:
    class NotAsked:
        """A connection that must not be used."""

    await post(NotAsked(), [], NOON_MS)  # type: ignore[arg-type]
    assert await books.rows() == ([], [])


async def test_a_batch_is_one_round_trip(books: Books) -> None:
    sent: list[str] = []
    async with calls.transaction(books.pool) as connection:
        connection.add_query_logger(lambda record: sent.append(record.query))
        await post(connection, [transfer("tax", "platform", n, key=f"k{n:03}") for n in range(1, 101)], NOON_MS)
    assert sum("post_ledger" in query for query in sent) == 1
    assert await books.balance("platform") == 5050
    assert len(await books.keys()) == 100
    await books.adds_up()


async def test_whoever_rolls_back_leaves_nothing(books: Books) -> None:
    await books.fail_after(transfer("tax", "platform", 1, key="a"))
    assert await books.rows() == ([], [])
    await books.post(transfer("tax", "platform", 2, key="a"))  # the key is free
    assert await books.balance("platform") == 2


async def test_the_same_key_at_the_same_time_is_written_once(books: Books) -> None:
    made = [transfer("tax", "platform", 3, key=f"k{n}") for n in range(5)]
    await asyncio.gather(*(books.post(*order) for order in list(permutations(made))[:40]))
    assert await books.keys() == [f"k{n}" for n in range(5)]
    assert await books.balance("platform") == 15


async def test_a_key_that_another_takes_meanwhile_is_compared(books: Books) -> None:
    """It is invisible when the statement begins, and committed with another content while it waits."""
    async with books.pool.acquire() as connection:
        other = connection.transaction()
        await other.start()
        await post(connection, [transfer("tax", "platform", 1, key="a")], NOON_MS)  # type: ignore[arg-type]
        same = asyncio.create_task(
            books.post(transfer("tax", "platform", 1, key="a"), transfer("tax", "fees:x", 4, key="b"))
        )
        differs = asyncio.create_task(
            books.post(transfer("tax", "platform", 9, key="a"), transfer("tax", "fees:x", 4, key="c"))
        )
        await _wait_for_waiters(books.pool, 2)
        await other.commit()
    await same
    with pytest.raises(LedgerKeyConflict):
        await differs
    assert await books.keys() == ["a", "b"]
    assert await books.balance("platform") == 1


async def _wait_for_waiters(pool: calls.Pool, number: int) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    for _ in range(500):
        if await pool.fetchval(waiting) >= number:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


async def test_a_locked_balance_makes_the_other_spender_wait(books: Books) -> None:
    await books.post(transfer("gift_card:1", "clearing:sim", 100))

    async def spend(amount: int, key: str) -> bool:
        async with calls.transaction(books.pool) as connection:
            left = -await balance_for_update(connection, "gift_card:1", "BRL")
            await asyncio.sleep(0.05)  # time for the other one
            if left < amount:
                return False
            await post(connection, [transfer("held:m", "gift_card:1", amount, key=key)], NOON_MS)
            return True

    assert sorted(await asyncio.gather(spend(70, "a"), spend(60, "b"))) == [False, True]
    assert -await books.balance("gift_card:1") in (30, 40)
    await books.adds_up()


async def test_locked_balances_of_several_accounts(books: Books) -> None:
    await books.post(transfer("gift_card:1", "clearing:sim", 100), transfer("store_credit:ana", "clearing:sim", 7))
    await books.counted()
    async with calls.transaction(books.pool) as connection:
        names = ["store_credit:ana", "gift_card:1", "gift_card:2", "gift_card:1"]
        found = await balances_for_update(connection, names, "BRL")
        assert found == {"gift_card:1": -100, "gift_card:2": 0, "store_credit:ana": -7}
        assert await balance_for_update(connection, "gift_card:1", "USD") == 0
        await post(connection, [transfer("held:m", "gift_card:1", 30)], NOON_MS)
        assert await balance_for_update(connection, "gift_card:1", "BRL") == -70


async def test_a_lock_without_a_transaction_is_a_mistake(books: Books) -> None:
    async with calls.reading(books.pool) as connection:
        with pytest.raises(RuntimeError, match="there is none"):
            await balance_for_update(connection, "gift_card:1", "BRL")
        async with connection.transaction(isolation="repeatable_read"):
            with pytest.raises(RuntimeError, match="READ COMMITTED"):
                await balance_for_update(connection, "gift_card:1", "BRL")
    async with calls.transaction(books.pool) as connection:
        with pytest.raises(LedgerInvalid):
            await balance_for_update(connection, "gift_card", "BRL")


def test_a_pair_of_currencies_has_one_account() -> None:
    assert conversion_account("USD", "BRL") == conversion_account("BRL", "USD") == "conversion:BRL-USD"
