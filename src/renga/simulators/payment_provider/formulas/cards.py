"""Card numbers: check digit (ISO/IEC 7812-1 annex B) and brands by prefix."""

import re

#: Brands by prefix, the more special ones first. Elo's ranges are among those of Visa, Discover and Mastercard.
_BRANDS = (
    ("elo", re.compile(r"(?:401178|401179|431274|438935|451416|457393|457631|457632|504175|506699|5067[0-6]\d|50677[0-8]"
                       r"|509\d{3}|627780|636297|636368|65003[1-3]|6500(?:3[5-9]|4\d|5[01])|6504(?:0[5-9]|[1-3]\d)"
                       r"|650485|6507(?:0\d|1[0-8]|2[0-7])|65165[2-9]|6550[0-1]\d|6550(?:2[1-9]|[34]\d|5[0-8]))\d{10}")),
    ("hipercard", re.compile(r"(?:606282|637095|637568|637599|637609|637612)\d{10}")),
    ("amex", re.compile(r"3[47]\d{13}")),
    ("diners", re.compile(r"3(?:0[0-5]|[689]\d)\d{11}")),
    ("jcb", re.compile(r"35(?:2[89]|[3-8]\d)\d{12}")),
    ("mastercard", re.compile(r"(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}")),
    ("discover", re.compile(r"(?:6011|64[4-9]\d|65\d{2})\d{12}")),
    ("unionpay", re.compile(r"62\d{14,17}")),
    ("visa", re.compile(r"4\d{12}(?:\d{3})?(?:\d{3})?")),
)  # fmt: skip


def luhn(number: str) -> bool:
    """Whether the check digit is right."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def brand_of(number: str) -> str | None:
    """The brand of a number of digits; None: no known prefix and length."""
    return next((brand for brand, shape in _BRANDS if shape.fullmatch(number)), None)
