"""Use cases: the balances of an account, its entries, and a transaction."""

from collections.abc import Sequence

from renga.domains.payments.contract.errors import LedgerAccountNotFound, LedgerTransactionNotFound
from renga.domains.payments.contract.ledger import LEDGER_KEY_CHARS_MAX, AccountBalance
from renga.domains.payments.contract.ledger_reading import (
    READING_LEDGER,
    AccountEntriesPage,
    AccountEntry,
    PostedTransaction,
)
from renga.domains.payments.ledger.model.accounts import checked_account
from renga.domains.payments.ledger.model.pages import check_limit, cursor_of, numbers_of
from renga.domains.payments.ledger.ports import EntryPlace, LedgerReads, StoredEntry
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339


async def read_balances(reads: LedgerReads, caller: Caller, account: str) -> Sequence[AccountBalance]:
    """One per currency. Raises LedgerInvalid, LedgerAccountNotFound."""
    caller.require(READING_LEDGER)
    if not (found := await reads.balances(checked_account(account))):
        raise LedgerAccountNotFound(f"there is no entry of {account!r}")
    return found


async def read_entries(
    reads: LedgerReads, caller: Caller, account: str, *, cursor: str | None, limit: int
) -> AccountEntriesPage:
    """Newest first; an account without entries has an empty page. Raises LedgerInvalid."""
    caller.require(READING_LEDGER)
    checked_account(account)
    check_limit(limit)
    before = None if cursor is None else EntryPlace(*numbers_of(cursor, 2))
    found = await reads.entries(account, before, limit + 1)
    page = found[:limit]
    following = cursor_of(page[-1].transaction, page[-1].position) if len(found) > limit else None
    return AccountEntriesPage(items=tuple(map(entry_view, page)), next=following)


async def read_transaction(reads: LedgerReads, caller: Caller, key: str) -> PostedTransaction:
    """Raises LedgerTransactionNotFound."""
    caller.require(READING_LEDGER)
    # a name that cannot be a key is not asked for: PostgreSQL refuses some characters
    possible = len(key) <= LEDGER_KEY_CHARS_MAX and key.isprintable()
    found = await reads.transaction(key) if possible else None
    if found is None:
        raise LedgerTransactionNotFound(f"there is no transaction {key[:100]!r}")
    return PostedTransaction(
        key=found.key, kind=found.kind, reference=found.reference, at=rfc3339(found.at_ms), entries=found.entries
    )


def entry_view(entry: StoredEntry, sign: int = 1) -> AccountEntry:
    """As others see it; ``sign`` -1: from the other side."""
    return AccountEntry(
        key=entry.key,
        kind=entry.kind,
        reference=entry.reference,
        at=rfc3339(entry.at_ms),
        amount=sign * entry.amount,
        currency=entry.currency,
    )
