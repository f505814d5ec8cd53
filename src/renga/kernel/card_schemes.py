"""Pure: which digits are the number of a payment card: a scheme's prefix and length, and the Luhn check digit.

Prefixes and lengths: ISO/IEC 7812-1 and the ranges that the schemes publish, as collected at
https://en.wikipedia.org/wiki/Payment_card_number (IIN) and in Braintree's credit-card-type (Maestro, Elo, Hipercard).
"""

from typing import NamedTuple

from renga.kernel.document_numbers import is_cnpj, is_gtin

DIGITS_MIN, DIGITS_MAX = 13, 19


class CardScheme(NamedTuple):
    """Prefixes are inclusive ranges of equal length."""

    name: str
    prefixes: tuple[tuple[str, str], ...]
    lengths: frozenset[int]


def _scheme(name: str, prefixes: str, *lengths: int) -> CardScheme:
    pairs = [one.split("-") for one in prefixes.split()]
    return CardScheme(name, tuple((pair[0], pair[-1]) for pair in pairs), frozenset(lengths))


SCHEMES = (
    _scheme("Visa", "4", 13, 16, 18, 19),
    _scheme("Mastercard", "51-55 2221-2720", 16),
    _scheme("American Express", "34 37", 15),
    _scheme("Diners Club", "300-305 3095 36 38-39", 14, 16, 17, 18, 19),
    _scheme("Discover", "6011 644-649 65 622126-622925", 16, 17, 18, 19),
    _scheme("JCB", "3528-3589", 16, 17, 18, 19),
    # of its range 81 the part that is issued
    _scheme("UnionPay", "62 8100-8171", 16, 17, 18, 19),
    _scheme("Maestro", "493698 50 56-58 5893 63 67", 13, 14, 15, 16, 17, 18, 19),
    _scheme(
        "Elo",
        "401178-401179 438935 451416 457631-457632 504175 506699-506778 509000-509999 627780 636297 636368 "
        "650031-650033 650035-650051 650405-650439 650485-650538 650541-650598 650700-650718 650720-650727 "
        "650901-650978 651652-651679 655000-655019 655021-655058",
        16,
    ),
    _scheme("Hipercard", "606282 637095 637568 637599 637609 637612 384100 384140 384160", 13, 16, 19),
)

#: Digits, as ASCII bytes, that are doubled: the digits of the result added up.
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")


def passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    text = digits.encode("ascii")
    total = sum(text[-1::-2]) + sum(text[-2::-2].translate(_DOUBLED))
    return (total - 48 * len(text)) % 10 == 0


def scheme_of(digits: str) -> str | None:
    """The scheme whose numbers begin like this and have this length."""
    for scheme in SCHEMES:
        if len(digits) in scheme.lengths:
            for low, high in scheme.prefixes:
                if low <= digits[: len(low)] <= high:
                    return scheme.name
    return None


def is_card(digits: str) -> bool:
    """Whether these ASCII digits are a card's number, and no article number (GTIN) or company (CNPJ) with a right check digit."""
    return (
        DIGITS_MIN <= len(digits) <= DIGITS_MAX
        and passes_luhn(digits)
        and scheme_of(digits) is not None
        and not is_gtin(digits)
        and not is_cnpj(digits)
    )
