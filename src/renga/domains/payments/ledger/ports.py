"""What the ledger needs from outside. Every method raises Unavailable."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol, TypeAlias

import msgspec

from renga.domains.payments.contract.ledger import AccountBalance, LedgerEntry
from renga.domains.payments.contract.ledger_reading import LedgerFault, StatementBalance, TrialLine
from renga.kernel.caller import Caller

#: Whether a caller may see what a merchant earned.
SeesMerchant: TypeAlias = Callable[[Caller, str], Awaitable[bool]]


class EntryPlace(NamedTuple):
    """Where a page of an account's entries ended."""

    transaction: int
    position: int


class StatementPlace(NamedTuple):
    """Where a page of a statement ended."""

    at_ms: int
    transaction: int
    position: int


class StoredEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with its transaction and its place."""

    transaction: int
    position: int
    key: str
    kind: str
    reference: str
    at_ms: int
    amount: int
    currency: str


class StoredTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction with its entries in the order in which they were given."""

    key: str
    kind: str
    reference: str
    at_ms: int
    entries: tuple[LedgerEntry, ...]


class StatementPart(msgspec.Struct, frozen=True):
    """A page of lines and the balances of the whole period, of one moment."""

    balances: Sequence[StatementBalance]
    lines: Sequence[StoredEntry]


class Settling(msgspec.Struct, frozen=True):
    """``upto``: every transaction with this number or a smaller one has ended when every xid below ``xid`` has."""

    upto: int
    xid: int


class LedgerReads(Protocol):
    """Balances, lists and checks."""

    async def trial(self, currency: str | None, *, whole: bool) -> Sequence[TrialLine]:
        """By kind and currency, in this order; ``whole`` reads every entry."""
        ...

    async def balances(self, account: str) -> Sequence[AccountBalance]:
        """In the order of currencies; empty if the account has no entry."""
        ...

    async def entries(self, account: str, before: EntryPlace | None, limit: int) -> Sequence[StoredEntry]:
        """Newest first."""
        ...

    async def transaction(self, key: str) -> StoredTransaction | None:
        """None: no transaction has this key."""
        ...

    async def statement(
        self, account: str, from_ms: int, to_ms: int, after: StatementPlace | None, limit: int
    ) -> StatementPart:
        """Of [from, to), in order of time; the balances are empty if the account has no entry before ``to_ms``."""
        ...

    async def faults(self, limit: int) -> Sequence[LedgerFault]:
        """Everything checked against the entries, in one snapshot."""
        ...


class LedgerCheckpoints(Protocol):
    """Derived sums that make reads short."""

    async def announce(self) -> Settling | None:
        """The transactions that the next checkpoint can count; None: it counts all already."""
        ...

    async def settled(self, settling: Settling) -> bool:
        """Whether all of them have ended, so that nobody can add one with a smaller number."""
        ...

    async def count(self, upto: int) -> int:
        """Count the next batch of transactions, at most to ``upto``; returns how far it is counted. ``upto`` is settled."""
        ...

    async def wrong(self, limit: int) -> Sequence[LedgerFault]:
        """Checkpoints and totals that differ from the entries."""
        ...

    async def forget(self) -> None:
        """Delete all of them; balances are right without, and the worker writes them again."""
        ...
