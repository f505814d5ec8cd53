"""Checkpoints: never wrong, whatever the order in which transactions become visible; derived, checked, rebuilt."""

import asyncio

from renga.domains.payments.ledger.count_checkpoints import SOON, CheckpointCounter, verify_checkpoints
from renga.domains.payments.ledger.jobs import count_until_cancelled
from renga.domains.payments.stores.ledger_writing import post
from tests.payments.ledger.books import FINANCE, NOON_MS, Books, finished, transfer


async def checkpoints(books: Books) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Number, entries and balance, by account and currency."""
    rows = await books.pool.fetch("SELECT * FROM payments.ledger_checkpoints")
    return {
        (row["account"], row["currency"]): (row["upto"], row["entries"], int(row["debits"] - row["credits"]))
        for row in rows
    }


async def test_accounts_with_many_entries_get_one(books: Books) -> None:
    await books.post(transfer("tax", "clearing:sim", 5), transfer("tax", "clearing:sim", 7))
    await books.post(transfer("tax", "platform", 1, currency="USD"))
    assert await books.counted() == 2
    assert await checkpoints(books) == {("clearing:sim", "BRL"): (3, 2, 12), ("tax", "BRL"): (3, 2, -12)}
    await books.post(transfer("tax", "platform", 2, currency="USD"))
    assert await books.counted() == 4  # tax and platform have their second entry in dollars
    assert (await checkpoints(books))["platform", "USD"] == (4, 2, 3)
    assert (await checkpoints(books))["tax", "BRL"] == (3, 2, -12), "nothing new: nothing written"
    await books.adds_up()


async def test_a_balance_is_the_checkpoint_and_what_came_after(books: Books) -> None:
    await books.post(*(transfer("tax", "clearing:sim", n) for n in range(1, 26)))
    assert await books.counted() == 2
    await books.post(transfer("clearing:sim", "bank:sim", 100))
    (found,) = await books.ledger.balances(FINANCE, "clearing:sim")
    assert (found.debits, found.credits, found.balance) == (325, 100, 225)
    await books.pool.execute(
        "UPDATE payments.ledger_checkpoints SET debits = debits + 1 WHERE account = 'clearing:sim'"
    )
    assert await books.balance("clearing:sim") == 226, "it is read from there"


async def test_a_smaller_number_that_becomes_visible_later_is_counted(books: Books) -> None:
    async with books.pool.acquire() as slow:
        open_ = slow.transaction()
        await open_.start()
        await post(slow, [transfer("tax", "clearing:sim", 1000)], NOON_MS)  # type: ignore[arg-type]
        await books.post(transfer("tax", "clearing:sim", 1), transfer("tax", "clearing:sim", 2))
        counter = CheckpointCounter(books.checkpoints)
        for _ in range(3):
            assert await counter.step() == SOON
        assert await checkpoints(books) == {}, "somebody may still add a transaction below"
        assert await books.balance("clearing:sim") == 3
        await open_.commit()
    assert await books.balance("clearing:sim") == 1003
    await finished(counter)
    assert (await checkpoints(books))["clearing:sim", "BRL"] == (3, 3, 1003)
    assert await books.balance("clearing:sim") == 1003
    await books.adds_up()


async def test_without_waiting_the_balance_would_be_wrong(books: Books) -> None:
    """The mutation of the test above: counted at once, the slow transaction is lost, and the check finds it."""
    async with books.pool.acquire() as slow:
        open_ = slow.transaction()
        await open_.start()
        await post(slow, [transfer("tax", "clearing:sim", 1000)], NOON_MS)  # type: ignore[arg-type]
        await books.post(transfer("tax", "clearing:sim", 1), transfer("tax", "clearing:sim", 2))
        settling = await books.checkpoints.announce()
        assert settling is not None
        assert await books.checkpoints.settled(settling) is False
        await books.checkpoints.count(settling.upto)
        await open_.commit()
    assert await books.balance("clearing:sim") == 3
    wrong = await verify_checkpoints(books.checkpoints)
    assert [(one.kind, one.subject) for one in wrong] == [
        ("checkpoint", "clearing:sim"), ("checkpoint", "tax"), ("totals", "clearing"), ("totals", "tax"),
    ]  # fmt: skip
    assert await books.balance("clearing:sim") == 1003, "they were deleted"
    assert await books.counted() == 2
    await books.adds_up()


async def test_what_is_rolled_back_delays_nothing(books: Books) -> None:
    await books.fail_after(transfer("tax", "clearing:sim", 1000))
    await books.post(transfer("tax", "clearing:sim", 1), transfer("tax", "clearing:sim", 2))
    assert await books.counted() == 2
    assert await books.balance("clearing:sim") == 3


async def test_a_transaction_has_its_xid_before_its_number(books: Books) -> None:
    """Else a number could be given away before the xid by which the worker waits for it."""
    await books.pool.execute("""
        CREATE FUNCTION payments.has_xid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.id IS NULL AND pg_current_xact_id_if_assigned() IS NOT NULL OR
                NEW.id IS NOT NULL AND pg_current_xact_id_if_assigned() IS NULL THEN
                RAISE EXCEPTION 'number %, xid %', NEW.id, pg_current_xact_id_if_assigned();
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER a_before BEFORE INSERT ON payments.ledger_transactions FOR EACH ROW EXECUTE FUNCTION payments.has_xid();
        CREATE TRIGGER z_after BEFORE INSERT ON payments.ledger_transactions FOR EACH ROW EXECUTE FUNCTION payments.has_xid();
    """)
    for _ in range(3):  # a sequence takes an xid by itself once in 32 numbers
        await books.post(transfer("tax", "platform", 1))
    assert await books.balance("platform") == 3


async def test_a_broken_checkpoint_is_found_and_counted_again(books: Books) -> None:
    await books.post(*(transfer("tax", "clearing:sim", 5) for _ in range(12)))
    await books.counted()
    assert await verify_checkpoints(books.checkpoints) == []
    before = await checkpoints(books)
    for damage in (
        "UPDATE payments.ledger_checkpoints SET credits = credits + 1 WHERE account = 'tax'",
        "UPDATE payments.ledger_checkpoints SET upto = upto - 1 WHERE account = 'tax'",
        "UPDATE payments.ledger_totals SET debits = debits + 1 WHERE kind = 'clearing'",
        "DELETE FROM payments.ledger_totals WHERE kind = 'tax'",
        "UPDATE payments.ledger_horizon SET upto = upto - 1",
    ):
        await books.pool.execute(damage)
        assert [one.kind for one in await books.ledger.verify(FINANCE)], damage
        assert await verify_checkpoints(books.checkpoints), damage
        assert await checkpoints(books) == {}
        assert await books.balance("tax") == -60
        await books.counted()
        assert await checkpoints(books) == before
    await books.adds_up()


async def test_several_workers_count_once(books: Books) -> None:
    await books.post(*(transfer("tax", "clearing:sim", 5) for _ in range(95)))

    await asyncio.gather(*(finished(CheckpointCounter(books.checkpoints)) for _ in range(5)))
    assert (await checkpoints(books))["clearing:sim", "BRL"] == (95, 95, 475)
    await books.adds_up()


async def test_the_job_counts_until_cancelled(books: Books) -> None:
    await books.post(*(transfer("tax", "clearing:sim", 5) for _ in range(25)))
    job = asyncio.create_task(count_until_cancelled(books.checkpoints))
    async with asyncio.timeout(10):
        while ("tax", "BRL") not in await checkpoints(books) or (await checkpoints(books))["tax", "BRL"][0] < 25:
            await asyncio.sleep(0.02)
    job.cancel()
    assert isinstance((await asyncio.gather(job, return_exceptions=True))[0], asyncio.CancelledError)
    await books.adds_up()
