"""The ledger's values: accounts, entries, transactions.

An account is a text: its kind, then what it belongs to, separated by colons (``merchant:house``). An entry's amount is signed:
a debit is positive, a credit negative, in minor units; the entries of a transaction sum to zero per currency. Assets and
expenses have positive balances, liabilities and income negative ones.

=============== ============================ ==========================================================================
kind            belongs to                   what its balance says
=============== ============================ ==========================================================================
``customer``    reference of the payment     money received that no share has got yet (late money, excess); else zero
``clearing``    provider                     captured money that the provider holds and has not settled
``receivable``  provider, due day            instalments that the provider settles on that day (``receivable:sim:2026-12-30``)
``bank``        provider                     money that the provider has paid out to the shop's bank account;
                                             ``bank:payouts``: what merchants were paid (negative)
``merchant``    merchant                     what the shop owes a merchant (negative: a liability); positive: the merchant owes
``payout``      merchant                     payouts that were decided and not confirmed yet
``commission``  --                           the shop's commission
``platform``    --                           the shop's own sales (shares without a merchant)
``tax``         --                           taxes to be paid on
``shipping``    --                           shipping that buyers paid
``fees``        provider                     what the provider took for its work
``gift_card``   id of the gift card          what is left on it (a liability)
``store_credit`` customer                    what the shop owes a customer
``held``        id of the means              gift card or store credit that a payment holds before its capture
``refunds``     provider                     refunds asked of the provider and not confirmed yet
``disputes``    provider                     money that the provider holds back because of open disputes
``rounding``    --                           what conversion and rounding leave
``conversion``  currency pair                the two sides of a conversion between currencies
=============== ============================ ==========================================================================
"""

from typing import Literal, get_args

import msgspec

AccountKind = Literal[
    "customer", "clearing", "receivable", "bank", "merchant", "payout", "commission", "platform", "tax", "shipping", "fees",
    "gift_card", "store_credit", "held", "refunds", "disputes", "rounding", "conversion",
]  # fmt: skip
ACCOUNT_KINDS: frozenset[str] = frozenset(get_args(AccountKind))

#: Limits: characters of an account, entries of a transaction, characters of a key.
ACCOUNT_CHARS_MAX = 200
ENTRIES_MAX = 500
LEDGER_KEY_CHARS_MAX = 200


class LedgerEntry(msgspec.Struct, frozen=True):
    """``amount`` minor units of ``currency`` on ``account``: debit positive, credit negative, never zero."""

    account: str
    amount: int
    currency: str


class LedgerTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """Entries that are written together or not at all. ``key`` is unique: the same key with the same entries again changes
    nothing.

    ``kind`` says what happened (``capture``, ``refund_asked``, …), ``reference`` what it belongs to (the payment's reference).
    """

    key: str
    kind: str
    reference: str
    entries: tuple[LedgerEntry, ...]


class AccountBalance(msgspec.Struct, frozen=True, kw_only=True):
    """The derived balance of an account in one currency: ``debits - credits = balance``, in minor units."""

    account: str
    currency: str
    debits: int
    credits: int
    balance: int
