"""Amounts in Stripe's minor units, which differ from ISO 4217 for a few currencies.

https://docs.stripe.com/currencies#zero-decimal and #special-cases
"""

from renga.kernel.errors import Unprocessable
from renga.kernel.money import AMOUNT_MAX, Money, UnknownCurrency, exponent

#: Digits of Stripe's minor unit where it is not that of ISO 4217.
_STRIPE_EXPONENTS = {"ISK": 2, "UGX": 2, "MGA": 0}
#: Currencies with three digits, of which Stripe wants the last to be 0.
_TENS_ONLY = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
#: The largest amount of a PaymentIntent: eight digits.
AMOUNT_LIMIT = 99_999_999


class AmountUnfit(Unprocessable):
    """Stripe cannot take exactly this amount of this currency."""

    code = "payment_amount_unfit"
    title = "The payment provider cannot take exactly this amount"


class AmountUnreadable(Exception):
    """Stripe told an amount that is none of ours."""


def to_stripe(money: Money) -> int:
    """The amount for Stripe. Raises AmountUnfit, UnknownCurrency."""
    if money.currency in _TENS_ONLY and money.amount % 10:
        raise AmountUnfit(f"{money.amount} {money.currency}: Stripe wants the last digit to be 0")
    shift = _shift(money.currency)
    if shift >= 0:
        return int(money.amount * 10**shift)
    amount, rest = divmod(money.amount, 10**-shift)
    if rest:
        raise AmountUnfit(f"{money.amount} {money.currency}: Stripe takes whole units only")
    return int(amount)


def from_stripe(amount: int, currency: str) -> Money:
    """The money that Stripe's amount is; ``currency`` in any case. Raises AmountUnreadable."""
    code = currency.upper()
    try:
        shift = _shift(code)
    except UnknownCurrency as error:
        raise AmountUnreadable(str(error)) from error
    value, rest = divmod(amount, 10**shift) if shift >= 0 else (amount * 10**-shift, 0)
    if rest or abs(value) > AMOUNT_MAX:
        raise AmountUnreadable(f"{amount} {code}")
    return Money(int(value), code)


def _shift(currency: str) -> int:
    iso = exponent(currency)
    return _STRIPE_EXPONENTS.get(currency, iso) - iso
