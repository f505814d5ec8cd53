"""Many write at once: the books equal those of a naive model, nobody overdraws, a killed writer leaves whole transactions."""

import asyncio
import random
import signal
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renga.domains.payments.contract.errors import LedgerKeyConflict
from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.domains.payments.ledger.count_checkpoints import CheckpointCounter
from renga.domains.payments.stores.ledger_writing import balance_for_update, post
from renga.platform.postgres import calls
from tests import proof
from tests.payments.ledger.books import NOON_MS, Books, entry, finished, transaction, transfer
from tests.payments.ledger.writers import APPLICATION
from tests.support import eventually

pytestmark = pytest.mark.proof

ROOT = Path(__file__).parents[3]
ACCOUNTS = ("clearing:sim", "merchant:house", "merchant:garage", "tax", "customer:order:1")
CURRENCIES = ("BRL", "USD")

#: Both sides of what is posted against ``platform``, by currency; a key with it.
Content: TypeAlias = dict[str, list[tuple[str, int]]]
Made: TypeAlias = tuple[int, Content]

AMOUNTS = st.integers(1, 50)
SIDES = st.lists(st.tuples(st.sampled_from(ACCOUNTS), AMOUNTS), min_size=1, max_size=4)
CONTENTS = st.dictionaries(st.sampled_from(CURRENCIES), SIDES, min_size=1)
#: Transactions by few keys, so that many meet: (key, entries by currency), in batches.
BATCHES = st.lists(st.lists(st.tuples(st.integers(0, 9), CONTENTS), min_size=1, max_size=5), min_size=1, max_size=12)


def made(key: int, content: Content) -> LedgerTransaction:
    """What the sides say, against ``platform``."""
    entries = [
        side
        for currency, sides in content.items()
        for account, amount in sides
        for side in (entry(account, amount, currency), entry("platform", -amount, currency))
    ]
    return transaction(*entries, key=f"key:{key}")


class NaiveBooks:
    """A dictionary of what was accepted."""

    def __init__(self) -> None:
        self.accepted: dict[str, LedgerTransaction] = {}

    def balance(self, account: str, currency: str) -> int:
        every = (one for kept in self.accepted.values() for one in kept.entries)
        return sum(one.amount for one in every if (one.account, one.currency) == (account, currency))


@settings(
    max_examples=proof.count(small=12, full=400), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(batches=BATCHES)
async def test_any_batches_at_once_leave_what_a_naive_model_says(books: Books, batches: list[list[Made]]) -> None:
    async with books.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table in ("entries", "transactions", "checkpoints", "totals", "horizon"):
            await connection.execute(f"DELETE FROM payments.ledger_{table}")
    transactions = [[made(*one) for one in batch] for batch in batches]
    # while batches are written, checkpoints are, too
    *answers, _ = await asyncio.gather(
        *(books.post(*batch) for batch in transactions), finished(CheckpointCounter(books.checkpoints)),
        return_exceptions=True,
    )  # fmt: skip
    assert {type(one) for one in answers} <= {type(None), LedgerKeyConflict}
    naive = NaiveBooks()
    for batch, answer in zip(transactions, answers, strict=True):
        if answer is None:
            for one in batch:
                kept = naive.accepted.setdefault(one.key, one)
                assert Counter(kept.entries) == Counter(one.entries), "two contents of one key were accepted"
    assert await books.keys() == sorted(naive.accepted)
    await books.counted()
    for account in (*ACCOUNTS, "platform"):
        for currency in CURRENCIES:
            assert await books.balance(account, currency) == naive.balance(account, currency)
    await books.adds_up()
    if not any(isinstance(one, LedgerKeyConflict) for one in answers):
        return
    for batch, answer in zip(transactions, answers, strict=True):
        if isinstance(answer, LedgerKeyConflict):  # it stays refused
            with pytest.raises(LedgerKeyConflict):
                await books.post(*batch)


@pytest.mark.parametrize("round_", range(proof.count(small=2, full=100)))
async def test_spenders_of_gift_cards_never_overdraw(books: Books, round_: int) -> None:
    """Cards of 100, spent and given back at random by many at once, in any order of cards, while checkpoints are written."""
    cards = [f"gift_card:{number}" for number in range(3)]
    await books.post(*(transfer(card, "clearing:sim", 100) for card in cards))
    dice = random.Random(round_)
    plans = [(dice.sample(cards, 2), dice.randint(1, 60), dice.random() < 0.3) for _ in range(40)]

    async def spend(number: int, pair: list[str], amount: int, back: bool) -> Counter[str]:
        moved: list[LedgerTransaction] = []
        async with calls.transaction(books.pool) as connection:
            for card in sorted(pair):
                if -await balance_for_update(connection, card, "BRL") < amount:
                    return Counter()
                moved.append(transfer(f"held:{number}", card, amount))
            await post(connection, moved, NOON_MS)
            if back:
                await post(connection, [transfer(pair[0], f"held:{number}", amount)], NOON_MS)
        return Counter({pair[0]: 0 if back else amount, pair[1]: amount})

    spent = Counter[str]()
    counting = asyncio.create_task(books.counted())
    for one in await asyncio.gather(*(spend(n, *plan) for n, plan in enumerate(plans))):
        spent += one
    await counting
    for card in cards:
        left = -await books.balance(card)
        assert left == 100 - spent[card]
        assert 0 <= left < 100
    await books.counted()
    await books.adds_up()


async def _all_gone(books: Books) -> bool:
    statement = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()"
    return bool(await books.pool.fetchval(statement, APPLICATION) == 0)


@pytest.mark.parametrize("round_", range(proof.count(small=1, full=20)))
async def test_a_writer_that_is_killed_leaves_whole_transactions(books: Books, database_url: str, round_: int) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.payments.ledger.writers", database_url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    answered = [await process.stdout.readline() for _ in range(30 + 7 * round_)]
    process.kill()
    answered += (await process.stdout.read()).splitlines(keepends=True)
    assert await process.wait() == -signal.SIGKILL
    await eventually(partial(_all_gone, books))  # the server may still commit what it had received
    told = {key for line in answered if line.endswith(b"\n") for key in line.decode().split()}
    kept = set(await books.keys())
    assert len(told) >= 60
    assert told <= kept, "what was committed is there"
    assert {key[:-1] + "a" for key in kept} == {key for key in kept if key.endswith("a")}
    assert {key[:-1] + "b" for key in kept} == {key for key in kept if key.endswith("b")}, "both or none"
    assert await books.balance("clearing:sim") == 100 * len(kept)
    assert await books.balance("merchant:house") == -80 * len(kept)
    await books.counted()
    await books.adds_up()
    async with asyncio.timeout(5):  # no lock is left
        await books.post(transfer("tax", "clearing:sim", 1))
