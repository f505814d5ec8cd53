"""Pure: the names that a native row may have, for interfaces that refuse what they do not know."""

from collections.abc import Mapping
from typing import Any

from renga.catalog.drafts import RowInvalid
from renga.catalog.flat import PRODUCT_FIELDS
from renga.catalog.native_rows import KEPT

#: What the catalogue keeps itself may come back with a row that was read; it is not heard.
MEMBERS = frozenset((*PRODUCT_FIELDS, "variants")) | KEPT
_SHOWN_CHARACTERS = 60
_SHOWN_MAX = 20


def known(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row itself. Raises RowInvalid, naming every member that means nothing."""
    unknown = sorted(row.keys() - MEMBERS)
    if unknown:
        shown = [(name[:_SHOWN_CHARACTERS], "is not a member of a product") for name in unknown[:_SHOWN_MAX]]
        raise RowInvalid(shown)
    return row
