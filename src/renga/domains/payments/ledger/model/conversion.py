"""Conversion between currencies: one transaction with two sides that meet on the conversion account, each summing to zero."""

from fractions import Fraction

import msgspec

from renga.domains.payments.contract.errors import LedgerInvalid
from renga.domains.payments.contract.ledger import LedgerEntry, LedgerTransaction
from renga.domains.payments.ledger.model.balance import check_transaction
from renga.kernel.money import AMOUNT_MAX, Money, exponent

#: Minor units by which what was received may differ from what the rate says; more is a loss or a fee, not rounding.
ROUNDING_MAX = 1


class CurrencyConversion(msgspec.Struct, frozen=True, kw_only=True):
    """``sold`` leaves the account ``source`` (a credit) and ``received`` arrives on ``target`` (a debit), in another currency.

    A debt changes its currency the other way round: what it becomes is ``sold`` by its account, what it was is ``received``.
    ``rate`` is exact: units of the received currency for one unit of the sold one (19.99 BRL at 0.1873 are 3.74 USD).
    """

    key: str
    kind: str = "conversion"
    reference: str
    source: str
    target: str
    sold: Money
    received: Money
    rate: Fraction


def converted(sold: Money, currency: str, rate: Fraction) -> Money:
    """What the rate gives, half to even. Raises LedgerInvalid, UnknownCurrency."""
    if rate <= 0:
        raise LedgerInvalid("a rate is more than zero", field="rate")
    exact = sold.amount * rate * Fraction(10) ** (exponent(currency) - exponent(sold.currency))
    amount = round(exact)
    if not 1 <= amount <= AMOUNT_MAX:
        raise LedgerInvalid(f"a converted amount is a whole number from 1 to {AMOUNT_MAX}", field="rate")
    return Money(amount, currency)


def conversion_account(one: str, other: str) -> str:
    """The account where two currencies meet, the same in both directions."""
    return f"conversion:{'-'.join(sorted((one, other)))}"


def conversion_transaction(conversion: CurrencyConversion) -> LedgerTransaction:
    """The two sides, and on the rounding account what the rate says and was not received. Raises LedgerInvalid."""
    sold, received = conversion.sold, conversion.received
    if sold.currency == received.currency:
        raise LedgerInvalid("a conversion has two currencies", field="received")
    if sold.amount <= 0 or received.amount <= 0:
        raise LedgerInvalid("both sides of a conversion are more than zero", field="sold")
    booked = converted(sold, received.currency, conversion.rate)
    left = booked.amount - received.amount
    if abs(left) > ROUNDING_MAX:
        raise LedgerInvalid(
            f"{received.amount} was received where the rate gives {booked.amount}: this is no rounding",
            field="received",
        )
    meeting = conversion_account(sold.currency, received.currency)
    entries = [
        LedgerEntry(conversion.source, -sold.amount, sold.currency),
        LedgerEntry(meeting, sold.amount, sold.currency),
        LedgerEntry(meeting, -booked.amount, received.currency),
        LedgerEntry(conversion.target, received.amount, received.currency),
    ]
    if left:
        entries.append(LedgerEntry("rounding", left, received.currency))
    transaction = LedgerTransaction(
        key=conversion.key, kind=conversion.kind, reference=conversion.reference, entries=tuple(entries)
    )
    check_transaction(transaction)
    return transaction
