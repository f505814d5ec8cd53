"""Reads: trial balance, accounts, statements, one transaction; who may, and what tampering looks like."""

import pytest

from renga.domains.payments.contract.errors import (
    LedgerAccountNotFound,
    LedgerInvalid,
    LedgerTransactionNotFound,
)
from renga.domains.payments.contract.ledger import AccountBalance
from renga.domains.payments.contract.ledger_reading import (
    READING_STATEMENTS,
    AccountEntry,
    CurrencyTotal,
    PostedTransaction,
    StatementBalance,
    TrialBalance,
    TrialLine,
)
from renga.kernel.caller import ANONYMOUS, Caller, InsufficientScope
from renga.kernel.clock import DAY_MS
from renga.kernel.errors import Unauthenticated
from tests.payments.ledger.books import FINANCE, NOON_MS, Books, entry, transaction, transfer

MERCHANT = Caller("mara", frozenset({READING_STATEMENTS}), frozenset({"house"}))
DAY = "2026-11-30"


def trial_line(kind: str, currency: str, debits: int, credits_: int) -> TrialLine:
    return TrialLine(kind=kind, currency=currency, debits=debits, credits=credits_, balance=debits - credits_)


@pytest.fixture(params=["without checkpoints", "with checkpoints"])
async def filled(request: pytest.FixtureRequest, books: Books) -> Books:
    """Two captures, a refund of half the second, in two currencies."""
    for order, currency in (("1", "BRL"), ("2", "USD")):
        await books.post(
            transaction(
                entry("clearing:sim", 1000, currency), entry("merchant:house", -700, currency),
                entry("merchant:garage", -200, currency), entry("commission", -100, currency),
                key=f"capture:{order}", reference=f"order:{order}",
            )
        )  # fmt: skip
    await books.post(
        transaction(
            entry("merchant:house", 350, "USD"), entry("merchant:garage", 100, "USD"), entry("commission", 50, "USD"),
            entry("clearing:sim", -500, "USD"), key="refund:2", kind="refund", reference="order:2",
        ),
        at_ms=NOON_MS + DAY_MS,
    )  # fmt: skip
    if request.param == "with checkpoints":
        assert await books.counted() == 4  # those that moved twice, in dollars
    return books


async def test_the_trial_balance(filled: Books) -> None:
    expected = TrialBalance(
        balanced=True,
        lines=(
            trial_line("clearing", "BRL", 1000, 0), trial_line("clearing", "USD", 1000, 500),
            trial_line("commission", "BRL", 0, 100), trial_line("commission", "USD", 50, 100),
            trial_line("merchant", "BRL", 0, 900), trial_line("merchant", "USD", 450, 900),
        ),
        totals=(
            CurrencyTotal(currency="BRL", debits=1000, credits=1000, balance=0),
            CurrencyTotal(currency="USD", debits=1500, credits=1500, balance=0),
        ),
    )  # fmt: skip
    assert await filled.ledger.trial_balance(FINANCE) == expected
    assert await filled.ledger.trial_balance(FINANCE, whole=True) == expected
    dollars = await filled.ledger.trial_balance(FINANCE, currency="USD")
    assert dollars.lines == tuple(one for one in expected.lines if one.currency == "USD")
    assert dollars.totals == expected.totals[1:]
    assert await filled.ledger.trial_balance(FINANCE, currency="JPY", whole=True) == TrialBalance(
        balanced=True, lines=(), totals=()
    )
    for currency in ("usd", "", "XXX", "\0"):
        with pytest.raises(LedgerInvalid):
            await filled.ledger.trial_balance(FINANCE, currency=currency)


async def test_balances_of_an_account_in_every_currency(filled: Books) -> None:
    assert list(await filled.ledger.balances(FINANCE, "merchant:house")) == [
        AccountBalance(account="merchant:house", currency="BRL", debits=0, credits=700, balance=-700),
        AccountBalance(account="merchant:house", currency="USD", debits=350, credits=700, balance=-350),
    ]
    with pytest.raises(LedgerAccountNotFound):
        await filled.ledger.balances(FINANCE, "merchant:hous")
    for account in ("merchant", "merchants:house", "merchant:a\0", "", "merchant:" + "a" * 300, "merchant:\ud800"):
        with pytest.raises(LedgerInvalid):
            await filled.ledger.balances(FINANCE, account)


async def test_entries_in_pages_newest_first(filled: Books) -> None:
    whole = await filled.ledger.entries(FINANCE, "merchant:house")
    assert [(one.key, one.amount, one.currency, one.at) for one in whole.items] == [
        ("refund:2", 350, "USD", "2026-12-01T12:00:00.000Z"),
        ("capture:2", -700, "USD", "2026-11-30T12:00:00.000Z"),
        ("capture:1", -700, "BRL", "2026-11-30T12:00:00.000Z"),
    ]
    assert whole.next is None
    pages: list[AccountEntry] = []
    cursor = None
    for _ in range(3):
        page = await filled.ledger.entries(FINANCE, "merchant:house", cursor=cursor, limit=1)
        pages += page.items
        cursor = page.next
    assert cursor is None
    assert tuple(pages) == whole.items
    for wrong in ({"limit": 0}, {"limit": 501}, {"cursor": "1"}, {"cursor": "9" * 30 + "-1"}):
        with pytest.raises(LedgerInvalid):
            await filled.ledger.entries(FINANCE, "merchant:house", **wrong)


async def test_a_page_ends_within_a_transaction(books: Books) -> None:
    twice = [
        entry("customer:order:1", 5),
        entry("customer:order:1", -5),
        entry("customer:order:1", 7),
        entry("tax", -7),
    ]
    await books.post(transaction(*twice))
    first = await books.ledger.entries(FINANCE, "customer:order:1", limit=2)
    second = await books.ledger.entries(FINANCE, "customer:order:1", limit=2, cursor=first.next)
    assert [one.amount for one in first.items + second.items] == [7, -5, 5]
    assert second.next is None


async def test_a_transaction_by_its_key(filled: Books) -> None:
    assert await filled.ledger.transaction(FINANCE, "refund:2") == PostedTransaction(
        key="refund:2", kind="refund", reference="order:2", at="2026-12-01T12:00:00.000Z",
        entries=(
            entry("merchant:house", 350, "USD"), entry("merchant:garage", 100, "USD"), entry("commission", 50, "USD"),
            entry("clearing:sim", -500, "USD"),
        ),
    )  # fmt: skip
    for key in ("refund:3", "", "a\0b", "\ud800", "k" * 1000):
        with pytest.raises(LedgerTransactionNotFound):
            await filled.ledger.transaction(FINANCE, key)


async def test_a_statement_adds_up(filled: Books) -> None:
    made = await filled.ledger.statement(MERCHANT, "house", first_day="2026-12-01", last_day="2026-12-01")
    assert made.balances == (
        StatementBalance(currency="BRL", opening=700, turnover=0, closing=700, lines=0),
        StatementBalance(currency="USD", opening=700, turnover=-350, closing=350, lines=1),
    )
    assert [(one.key, one.kind, one.reference, one.amount, one.currency) for one in made.lines] == [
        ("refund:2", "refund", "order:2", -350, "USD")
    ]
    before = await filled.ledger.statement(FINANCE, "house", first_day="2026-11-01", last_day=DAY)
    assert before.balances == (
        StatementBalance(currency="BRL", opening=0, turnover=700, closing=700, lines=1),
        StatementBalance(currency="USD", opening=0, turnover=700, closing=700, lines=1),
    )
    earlier = await filled.ledger.statement(FINANCE, "house", first_day="2026-11-01", last_day="2026-11-29")
    assert (earlier.balances, earlier.lines) == ((), ())


async def test_the_pages_of_a_statement_add_up(books: Books) -> None:
    """The order is that of time, also where numbers were given in another one."""
    amounts = [(7 * n) % 23 - 11 or 1 for n in range(30)]
    for n, amount in enumerate(amounts):
        await books.post(transfer("clearing:sim", "merchant:house", amount), at_ms=NOON_MS - n % 5)
    lines: list[AccountEntry] = []
    cursor = None
    while True:
        page = await books.ledger.statement(FINANCE, "house", first_day=DAY, last_day=DAY, cursor=cursor, limit=7)
        assert page.balances == (
            StatementBalance(currency="BRL", opening=0, turnover=-sum(amounts), closing=-sum(amounts), lines=30),
        )
        lines += page.lines
        if (cursor := page.next) is None:
            break
    assert sum(line.amount for line in lines) == -sum(amounts)
    assert len({line.key for line in lines}) == 30
    assert [line.at for line in lines] == sorted(line.at for line in lines)


async def test_who_may_read(filled: Books) -> None:
    ledger = filled.ledger
    reads = (
        lambda caller: ledger.trial_balance(caller),
        lambda caller: ledger.balances(caller, "merchant:house"),
        lambda caller: ledger.entries(caller, "merchant:house"),
        lambda caller: ledger.transaction(caller, "refund:2"),
        lambda caller: ledger.verify(caller),
    )
    for read in reads:
        assert await read(FINANCE) is not None
        with pytest.raises(Unauthenticated):
            await read(ANONYMOUS)
        with pytest.raises(InsufficientScope):
            await read(MERCHANT)
    period = {"first_day": DAY, "last_day": DAY}
    assert (await ledger.statement(MERCHANT, "house", **period)).balances[0].closing == 700  # type: ignore[arg-type]
    with pytest.raises(LedgerAccountNotFound):
        await ledger.statement(MERCHANT, "garage", **period)  # type: ignore[arg-type]
    with pytest.raises(InsufficientScope):
        await ledger.statement(Caller("ana", frozenset(), frozenset({"house"})), "house", **period)  # type: ignore[arg-type]
    with pytest.raises(Unauthenticated):
        await ledger.statement(ANONYMOUS, "house", **period)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tampering", "kinds", "balanced"),
    [
        ("UPDATE ledger_entries SET amount = 99 WHERE transaction = 1 AND amount > 0", ["changed", "unbalanced"], False),
        ("UPDATE ledger_entries SET account = 'merchant:x' WHERE account = 'merchant:house'", ["changed"] * 3, True),
        ("DELETE FROM ledger_entries WHERE account = 'commission' AND transaction = 1", ["changed", "unbalanced"], False),
        ("DELETE FROM ledger_entries WHERE transaction = 1", ["changed"], True),
        ("DELETE FROM ledger_transactions WHERE id = 1", ["unbalanced"], True),
        ("UPDATE ledger_transactions SET reference = 'order:3' WHERE key = 'refund:2'", ["changed"], True),
        ("UPDATE ledger_entries SET transaction = -5 WHERE transaction = 1", ["changed", "unbalanced"], True),
    ],
)  # fmt: skip
async def test_what_was_changed_without_the_triggers_is_found(
    filled: Books, tampering: str, kinds: list[str], balanced: bool
) -> None:
    async with filled.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica; SET LOCAL search_path = payments")
        await connection.execute(tampering)
    found = [one.kind for one in await filled.ledger.verify(FINANCE)]
    assert sorted(kind for kind in found if kind in ("changed", "unbalanced")) == kinds
    assert (await filled.ledger.trial_balance(FINANCE, whole=True)).balanced is balanced
