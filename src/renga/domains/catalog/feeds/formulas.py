"""Cells of a CSV that a spreadsheet would run as a formula: marked as texts with an apostrophe, and read back without it.

OWASP, "CSV Injection": a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break may be one; so may
one with their wide forms (U+FF1D and others).
"""

import re

#: Where an apostrophe stands before such a beginning already, it gets one more, so that reading knows which one is ours.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
#: Columns whose texts Shopify itself begins with an apostrophe, lest a spreadsheet take them for numbers.
_CODES = frozenset(("SKU", "Barcode"))


def escaped(column: str, cell: str) -> str:
    """The cell as it may be written. ``unescaped`` gives back what it was, whatever that is."""
    return f"'{cell}" if _FORMULA.match(cell) or (column in _CODES and cell.startswith("'")) else cell


def unescaped(column: str, cell: str) -> str:
    """The cell as it is meant: without one apostrophe that was put before it."""
    marked = cell.startswith("'") and (column in _CODES or _FORMULA.match(cell) is not None)
    return cell[1:] if marked else cell
