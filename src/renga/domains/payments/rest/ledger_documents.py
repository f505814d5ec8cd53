"""Documents of the ledger: amounts as ``{"amount", "currency"}``, debits positive, credits negative."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from renga.domains.payments.contract.ledger import AccountBalance
from renga.domains.payments.contract.ledger_reading import (
    AccountEntriesPage,
    AccountEntry,
    CurrencyTotal,
    MerchantStatement,
    PostedTransaction,
    TrialBalance,
    TrialLine,
)
from renga.kernel.money import Money

Next = Annotated[str | None, Meta(description="`cursor` of the next page; null on the last one.")]
At = Annotated[str, Meta(description="When it was posted (RFC 3339).", examples=["2026-11-30T12:00:00.000Z"])]
Account = Annotated[str, Meta(examples=["merchant:house"])]


class LedgerBalanceView(msgspec.Struct, frozen=True, kw_only=True):
    """``debits - credits = balance``."""

    debits: Money
    credits: Money
    balance: Money


class TrialLineView(msgspec.Struct, frozen=True, kw_only=True):
    """All accounts of one kind in one currency."""

    kind: Annotated[str, Meta(examples=["merchant"])]
    debits: Money
    credits: Money
    balance: Money


class TrialBalanceView(msgspec.Struct, frozen=True, kw_only=True):
    """``balanced``: the balance of every total is zero."""

    balanced: bool
    items: list[TrialLineView]
    totals: list[LedgerBalanceView]


class LedgerAccountView(msgspec.Struct, frozen=True, kw_only=True):
    """The balances of an account, one per currency."""

    account: Account
    balances: list[LedgerBalanceView]


class AccountEntryView(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of an account. ``transaction`` is the key of its transaction."""

    transaction: str
    kind: str
    reference: str
    at: At
    amount: Money


class AccountEntriesView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of an account's entries, newest first."""

    items: list[AccountEntryView]
    next: Next = None


class LedgerEntryView(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a transaction."""

    account: Account
    amount: Money


class LedgerTransactionView(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction of the ledger. Its entries sum to zero per currency."""

    key: str
    kind: str
    reference: str
    at: At
    entries: list[LedgerEntryView]


class StatementBalanceView(msgspec.Struct, frozen=True, kw_only=True):
    """``opening + turnover = closing``; ``lines`` is how many lines the period has in this currency."""

    opening: Money
    turnover: Money
    closing: Money
    lines: int


class MerchantStatementView(msgspec.Struct, frozen=True, kw_only=True, rename={"first_day": "from", "last_day": "to"}):
    """A merchant's statement of a period, both days included; of each currency in which anything moved until its end."""

    merchant: str
    first_day: str
    last_day: str
    balances: list[StatementBalanceView]
    items: list[AccountEntryView]
    next: Next = None


def trial_view(found: TrialBalance) -> TrialBalanceView:
    return TrialBalanceView(
        balanced=found.balanced,
        items=[
            TrialLineView(kind=one.kind, debits=view.debits, credits=view.credits, balance=view.balance)
            for one in found.lines
            for view in [_balance(one)]
        ],
        totals=[_balance(one) for one in found.totals],
    )


def account_view(account: str, found: Sequence[AccountBalance]) -> LedgerAccountView:
    return LedgerAccountView(account=account, balances=[_balance(one) for one in found])


def entries_view(page: AccountEntriesPage) -> AccountEntriesView:
    return AccountEntriesView(items=[_entry(one) for one in page.items], next=page.next)


def transaction_view(found: PostedTransaction) -> LedgerTransactionView:
    return LedgerTransactionView(
        key=found.key, kind=found.kind, reference=found.reference, at=found.at,
        entries=[LedgerEntryView(account=one.account, amount=Money(one.amount, one.currency)) for one in found.entries],
    )  # fmt: skip


def statement_view(found: MerchantStatement) -> MerchantStatementView:
    return MerchantStatementView(
        merchant=found.merchant, first_day=found.first_day, last_day=found.last_day, next=found.next,
        balances=[
            StatementBalanceView(
                opening=Money(one.opening, one.currency), turnover=Money(one.turnover, one.currency),
                closing=Money(one.closing, one.currency), lines=one.lines,
            )
            for one in found.balances
        ],
        items=[_entry(one) for one in found.lines],
    )  # fmt: skip


def _balance(one: AccountBalance | TrialLine | CurrencyTotal) -> LedgerBalanceView:
    debits, credits_, balance = (Money(amount, one.currency) for amount in (one.debits, one.credits, one.balance))
    return LedgerBalanceView(debits=debits, credits=credits_, balance=balance)


def _entry(one: AccountEntry) -> AccountEntryView:
    return AccountEntryView(
        transaction=one.key, kind=one.kind, reference=one.reference, at=one.at, amount=Money(one.amount, one.currency)
    )
