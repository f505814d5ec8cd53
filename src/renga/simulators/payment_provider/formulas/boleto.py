"""Boletos: the barcode of 44 digits and the line of 47 that people type (FEBRABAN; Carta-circular BCB 2.926)."""

from datetime import date

#: The due-date factor counts days from here; after 9999 (2025-02-21) it starts again at 1000.
_BASE = date(1997, 10, 7)
_FACTOR_MIN, _FACTOR_MAX = 1000, 9999
CENTS_MAX = 9_999_999_999


def mod10(digits: str) -> int:
    """The check digit of a field of the line: weights 2, 1, 2, … from the right; products count by their digits."""
    products = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits)))
    return -sum(product // 10 + product % 10 for product in products) % 10


def mod11(digits: str) -> int:
    """The check digit of the barcode: weights 2 to 9 from the right, again and again; 0, 10 and 11 become 1."""
    rest = 11 - sum(int(digit) * (2 + place % 8) for place, digit in enumerate(reversed(digits))) % 11
    return 1 if rest in (0, 10, 11) else rest


def due_factor(due: date) -> int:
    """2025-02-21 is 9999, the next day 1000. Raises ValueError before 2000-07-03, when factors begin."""
    days = (due - _BASE).days
    if days < _FACTOR_MIN:
        raise ValueError(f"{due} is before the first due-date factor")
    return days if days <= _FACTOR_MAX else _FACTOR_MIN + (days - _FACTOR_MAX - 1) % (_FACTOR_MAX + 1 - _FACTOR_MIN)


def barcode(*, bank: str, due: date, cents: int, free: str) -> str:
    """44 digits: bank (3), currency 9, check digit, factor (4), cents (10), the bank's free field (25)."""
    if not 0 <= cents <= CENTS_MAX:
        raise ValueError("a boleto has at most ten digits of cents")
    if len(bank) != 3 or len(free) != 25 or not (bank + free).isdecimal():
        raise ValueError("a bank has 3 digits, its free field 25")
    head, tail = f"{bank}9", f"{due_factor(due):04d}{cents:010d}{free}"
    return f"{head}{mod11(head + tail)}{tail}"


def line_of(code: str) -> str:
    """The 47 digits of a barcode: three fields with check digits, the barcode's own check digit, factor and cents."""
    fields = (code[:4] + code[19:24], code[24:34], code[34:44])
    return "".join(f"{field}{mod10(field)}" for field in fields) + code[4] + code[5:19]


def barcode_of(line: str) -> str:
    """The barcode of a line."""
    return line[:4] + line[32] + line[33:47] + line[4:9] + line[10:20] + line[21:31]


def is_right(line: str) -> bool:
    """Whether all check digits of a line of 47 digits are right."""
    if len(line) != 47 or not (line.isascii() and line.isdecimal()):
        return False
    code = barcode_of(line)
    return line_of(code) == line and mod11(code[:4] + code[5:]) == int(code[4])


def written(line: str) -> str:
    """The line as it is printed, in groups."""
    groups = (line[:5] + "." + line[5:10], line[10:15] + "." + line[15:21], line[21:26] + "." + line[26:32])
    return " ".join((*groups, line[32], line[33:]))
