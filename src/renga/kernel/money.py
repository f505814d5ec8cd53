"""Money: integer minor units of an ISO 4217 currency, and exact allocation of remainders."""

from collections.abc import Sequence

import msgspec

from renga.kernel.errors import Unprocessable

#: Digits after the decimal point, for currencies of ISO 4217 that do not have 2.
_EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}

#: Active currencies of ISO 4217 (funds, metals and testing codes are left out).
_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR
LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN
PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB
TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER
ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_CODES.split())

#: The largest amount that every store and every JSON parser represents exactly (2**53 - 1).
AMOUNT_MAX = 9_007_199_254_740_991


class UnknownCurrency(Unprocessable):
    code = "currency_unknown"
    title = "Not a currency of ISO 4217"


def exponent(currency: str) -> int:
    """Digits of the minor unit: 2 for BRL, 0 for JPY, 3 for KWD. Raises UnknownCurrency."""
    if currency not in CURRENCIES:
        raise UnknownCurrency(f"{currency!r} is not an active currency of ISO 4217", currency=currency)
    return _EXPONENTS.get(currency, 2)


class Money(msgspec.Struct, frozen=True):
    """An amount in minor units, in every contract and in JSON: ``{"amount": 1999, "currency": "BRL"}``."""

    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other).amount, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.amount * quantity, self.currency)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other

    def allocate(self, weights: Sequence[int]) -> list["Money"]:
        """Split by weights so that the parts sum to the whole; left-over minor units go to the largest remainders.

        Weights are non-negative and not all zero. Equal remainders go to the earlier part (largest remainder method).
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must be non-negative and not all zero")
        sign = -1 if self.amount < 0 else 1
        shares = [divmod(abs(self.amount) * weight, total) for weight in weights]
        missing = abs(self.amount) - sum(whole for whole, _ in shares)
        lucky = set(sorted(range(len(shares)), key=lambda i: (-shares[i][1], i))[:missing])
        return [Money(sign * (whole + (i in lucky)), self.currency) for i, (whole, _) in enumerate(shares)]

    def decimal(self) -> str:
        """The amount as a plain decimal in major units: ``"19.99"``, ``"500"`` for JPY."""
        digits = exponent(self.currency)
        if digits == 0:
            return str(self.amount)
        whole, rest = divmod(abs(self.amount), 10**digits)
        return f"{'-' if self.amount < 0 else ''}{whole}.{rest:0{digits}d}"


def from_decimal(text: str, currency: str) -> Money:
    """Read a plain decimal in major units (``"19.99"``); more digits than the currency has are an error, not rounded.

    An amount above AMOUNT_MAX is an error too. Raises Unprocessable.
    """
    digits = exponent(currency)
    number = text.strip()
    sign, number = (-1, number[1:]) if number.startswith("-") else (1, number)
    whole, _, rest = number.partition(".")
    rest = rest.rstrip("0") if len(rest) > digits else rest
    if not (whole.isascii() and whole.isdigit()) or (rest and not (rest.isascii() and rest.isdigit())):
        raise Unprocessable(f"{text[:40]!r} is not a decimal number such as 19.99")
    if len(rest) > digits:
        raise Unprocessable(
            f"{text[:40]!r} has more than {digits} digits after the point, which {currency} does not have"
        )
    minor = (whole + rest.ljust(digits, "0")).lstrip("0") or "0"
    if len(minor) > len(str(AMOUNT_MAX)) or int(minor) > AMOUNT_MAX:
        raise Unprocessable(f"{text[:40]!r} is more than an amount may be")
    return Money(sign * int(minor), currency)
