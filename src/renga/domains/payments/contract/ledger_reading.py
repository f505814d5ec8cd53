"""Reading the ledger: values and the interface. Amounts are signed minor units as in ``ledger.py``, without an upper bound: they
are sums. Times are RFC 3339, days ``YYYY-MM-DD`` in UTC.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from renga.domains.payments.contract.ledger import AccountBalance, LedgerEntry
from renga.kernel.caller import Caller

#: Scopes: the whole ledger (declared by identity); statements of the caller's merchants.
READING_LEDGER = "ledger:read"
READING_STATEMENTS = "payouts:own"

#: Most items of a page.
LEDGER_PAGE_MAX = 500


class TrialLine(msgspec.Struct, frozen=True, kw_only=True):
    """All accounts of one kind together, in one currency: ``debits - credits = balance``."""

    kind: str
    currency: str
    debits: int
    credits: int
    balance: int


class CurrencyTotal(msgspec.Struct, frozen=True, kw_only=True):
    """All accounts together in one currency. In books that balance ``balance`` is zero."""

    currency: str
    debits: int
    credits: int
    balance: int


class TrialBalance(msgspec.Struct, frozen=True, kw_only=True):
    """``balanced``: every total's balance is zero."""

    balanced: bool
    lines: tuple[TrialLine, ...]
    totals: tuple[CurrencyTotal, ...]


class PostedTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction of the ledger, posted at ``at``."""

    key: str
    kind: str
    reference: str
    at: str
    entries: tuple[LedgerEntry, ...]


class AccountEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of an account, with the transaction it belongs to."""

    key: str
    kind: str
    reference: str
    at: str
    amount: int
    currency: str


class AccountEntriesPage(msgspec.Struct, frozen=True, kw_only=True):
    """Entries of an account, newest first; ``next`` is the cursor of the next page."""

    items: tuple[AccountEntry, ...]
    next: str | None = None


class StatementBalance(msgspec.Struct, frozen=True, kw_only=True):
    """``opening + turnover = closing`` in one currency; ``turnover`` is the sum of the period's ``lines`` lines."""

    currency: str
    opening: int
    turnover: int
    closing: int
    lines: int


class MerchantStatement(msgspec.Struct, frozen=True, kw_only=True):
    """What moved on a merchant's account in a period, both days included, from the merchant's side: positive is what the shop
    owes them. Lines are in order of time; ``next`` is the cursor of the next page.
    """

    merchant: str
    first_day: str
    last_day: str
    balances: tuple[StatementBalance, ...]
    lines: tuple[AccountEntry, ...]
    next: str | None = None


class LedgerFault(msgspec.Struct, frozen=True, kw_only=True):
    """Something that does not add up, or was changed in spite of the triggers. ``subject`` is a key, an account or a currency."""

    kind: Literal["unbalanced", "changed", "checkpoint", "totals"]
    subject: str
    detail: str


class Ledger(Protocol):
    """Reads and checks. Every method raises Unauthenticated, InsufficientScope and Unavailable."""

    async def trial_balance(self, caller: Caller, *, currency: str | None = None, whole: bool = False) -> TrialBalance:
        """``whole`` reads every entry again; without it, only those after the last checkpoint. Raises LedgerInvalid."""
        ...

    async def balances(self, caller: Caller, account: str) -> Sequence[AccountBalance]:
        """The balances of an account, one per currency. Raises LedgerInvalid, LedgerAccountNotFound."""
        ...

    async def entries(
        self, caller: Caller, account: str, *, cursor: str | None = None, limit: int = 50
    ) -> AccountEntriesPage:
        """Raises LedgerInvalid."""
        ...

    async def transaction(self, caller: Caller, key: str) -> PostedTransaction:
        """Raises LedgerTransactionNotFound."""
        ...

    async def statement(
        self,
        caller: Caller,
        merchant: str,
        *,
        first_day: str,
        last_day: str,
        cursor: str | None = None,
        limit: int = LEDGER_PAGE_MAX,
    ) -> MerchantStatement:
        """Of a merchant of the caller, or of any with READING_LEDGER. Raises LedgerInvalid, LedgerAccountNotFound."""
        ...

    async def verify(self, caller: Caller) -> Sequence[LedgerFault]:
        """Every transaction, checkpoint and total against the entries; at most FAULTS_MAX faults. Takes time."""
        ...
