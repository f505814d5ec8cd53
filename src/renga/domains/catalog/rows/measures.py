"""Pure: reads what one piece contains: ``{"amount": 250, "unit": "g"}``; in files also ``250 g``."""

import re
from typing import Any, cast, get_args

from renga.domains.catalog.contract import Measure, MeasureUnit
from renga.domains.catalog.model import limits
from renga.domains.catalog.rows.reading import Reading, kind_of

MEASURE_UNITS: tuple[str, ...] = get_args(MeasureUnit)
_DECIMALS = 3
_TEXT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?([a-z][a-z0-9]{0,9})", re.ASCII)


def measure_of(reading: Reading, field: str, value: Any) -> Measure | None:
    if isinstance(value, str):
        reading.problem(field, f"{value[:40]!r} is not a measure such as 250 g")
        return None
    if value is None or not reading.known(field, value, ("amount", "unit")):
        return None
    amount = _amount(reading, f"{field}.amount", value.get("amount"))
    unit = reading.choice(f"{field}.unit", value.get("unit"), MEASURE_UNITS)
    if unit is None and not reading.has_problem(f"{field}.unit"):
        reading.problem(f"{field}.unit", f"is missing: one of {', '.join(MEASURE_UNITS)}")
    return None if amount is None or unit is None else Measure(amount=amount, unit=cast(MeasureUnit, unit))


def told_measure(value: Any) -> Any:
    """A measure of a file: ``250 g``, or its two members as texts. Other values are refused where the row is read."""
    if isinstance(value, str) and (match := _TEXT.fullmatch(value.strip())):
        return {"amount": _number(match[1]), "unit": match[2]}
    if isinstance(value, dict) and isinstance(value.get("amount"), str):
        return value | {"amount": _number(value["amount"].strip())}
    return value


def _amount(reading: Reading, field: str, value: Any) -> int | float | None:
    """Whole numbers become integers, so that 250.0 and 250 are the same."""
    if value is None:
        reading.problem(field, "is missing")
    elif isinstance(value, bool) or not isinstance(value, int | float):
        reading.problem(field, f"must be a number, not {kind_of(value)}")
    elif not 0 < value <= limits.MEASURE_MAX:
        reading.problem(field, f"must be above 0 and at most {limits.MEASURE_MAX}")
    elif value != round(value, _DECIMALS):
        reading.problem(field, f"has more than {_DECIMALS} decimals")
    else:
        return int(value) if value == int(value) else value
    return None


def _number(text: str) -> Any:
    """The number of a text such as 0.5; other texts stay what they are."""
    if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        return int(text)
    return float(text) if re.fullmatch(r"[0-9]{1,9}\.[0-9]{1,9}", text, re.ASCII) else text
