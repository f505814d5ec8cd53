"""What a transaction must be before it is posted, and the digest that tells two transactions with one key apart."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from renga.domains.payments.contract.errors import LedgerInvalid, LedgerKeyConflict, LedgerUnbalanced
from renga.domains.payments.contract.ledger import ENTRIES_MAX, LEDGER_KEY_CHARS_MAX, LedgerEntry, LedgerTransaction
from renga.domains.payments.contract.payments import REFERENCE_CHARS_MAX
from renga.domains.payments.ledger.model.accounts import checked_account
from renga.kernel.money import AMOUNT_MAX, CURRENCIES

#: Most transactions, and most entries together, of one call.
POST_TRANSACTIONS_MAX, POST_ENTRIES_MAX = 1_000, 10_000

_KIND = re.compile(r"[a-z_]{1,40}")


def checked_batch(transactions: Sequence[LedgerTransaction]) -> Mapping[str, LedgerTransaction]:
    """Valid transactions by key, in the order of their keys; the same one given twice is there once.

    Raises LedgerUnbalanced, LedgerInvalid, LedgerKeyConflict (two different ones with one key).
    """
    if len(transactions) > POST_TRANSACTIONS_MAX:
        raise LedgerInvalid(f"at most {POST_TRANSACTIONS_MAX} transactions are posted at once", field="transactions")
    by_key: dict[str, LedgerTransaction] = {}
    for one in transactions:
        check_transaction(one)
        if digest_of(by_key.setdefault(one.key, one)) != digest_of(one):
            raise LedgerKeyConflict(f"two different transactions have the key {one.key!r}")
    if sum(len(one.entries) for one in by_key.values()) > POST_ENTRIES_MAX:
        raise LedgerInvalid(f"at most {POST_ENTRIES_MAX} entries are posted at once", field="transactions")
    return {key: by_key[key] for key in sorted(by_key)}


def check_transaction(transaction: LedgerTransaction) -> None:
    """Raises LedgerUnbalanced, LedgerInvalid."""
    _check_text(transaction.key, LEDGER_KEY_CHARS_MAX, "key")
    _check_text(transaction.reference, REFERENCE_CHARS_MAX, "reference")
    if not _KIND.fullmatch(transaction.kind):
        raise LedgerInvalid("a kind has 1 to 40 small letters and underscores", field="kind")
    if not 2 <= len(transaction.entries) <= ENTRIES_MAX:
        raise LedgerInvalid(f"a transaction has from 2 to {ENTRIES_MAX} entries", field="entries")
    for entry in transaction.entries:
        _check_entry(entry)
    if wrong := {currency: total for currency, total in totals(transaction.entries).items() if total}:
        raise LedgerUnbalanced(f"the entries of {transaction.key!r} sum to {wrong} instead of zero")


def totals(entries: Sequence[LedgerEntry]) -> dict[str, int]:
    """The sum of the amounts by currency."""
    sums: defaultdict[str, int] = defaultdict(int)
    for entry in entries:
        sums[entry.currency] += entry.amount
    return dict(sums)


def digest_of(transaction: LedgerTransaction) -> bytes:
    """SHA-256 of what a transaction says; the order of its entries says nothing. ``verify_ledger`` computes it in SQL, too."""
    lines = sorted((entry.account, entry.currency, entry.amount) for entry in transaction.entries)
    text = "\n".join((transaction.kind, transaction.reference, *(f"{a} {c} {amount}" for a, c, amount in lines)))
    return hashlib.sha256(text.encode()).digest()


def _check_text(text: str, chars_max: int, field: str) -> None:
    if not 1 <= len(text) <= chars_max or not text.isprintable():
        raise LedgerInvalid(f"a {field} has from 1 to {chars_max} printable characters", field=field)


def _check_entry(entry: LedgerEntry) -> None:
    checked_account(entry.account)
    if entry.currency not in CURRENCIES:
        raise LedgerInvalid(f"{entry.currency[:10]!r} is no active currency of ISO 4217", field="currency")
    if type(entry.amount) is not int or entry.amount == 0 or abs(entry.amount) > AMOUNT_MAX:
        raise LedgerInvalid(f"an amount is a whole number from 1 to {AMOUNT_MAX}, or its negative", field="amount")
