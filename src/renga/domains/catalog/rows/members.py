"""Pure: checks that a row's members and categories exist; merchants cannot create categories."""

from collections.abc import Collection, Mapping
from typing import Any

from renga.domains.catalog.contract import RowInvalid
from renga.domains.catalog.model import limits
from renga.domains.catalog.model.naming import slugify
from renga.domains.catalog.rows.flat import PRODUCT_FIELDS
from renga.domains.catalog.rows.native import KEPT

#: Members that the catalogue sets are accepted and ignored, so that a row that was read can be sent back.
MEMBERS = frozenset((*PRODUCT_FIELDS, "variants")) | KEPT
_SHOWN_CHARACTERS = 60
_SHOWN_MAX = 20


def known(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the row. Raises RowInvalid with every unknown member."""
    if len(row) > limits.MEMBERS_MAX:
        raise RowInvalid([("", f"has {len(row)} members; at most {limits.MEMBERS_MAX} are allowed")])
    unknown = sorted(row.keys() - MEMBERS)
    if unknown:
        shown = [(name[:_SHOWN_CHARACTERS], "is not a member of a product") for name in unknown[:_SHOWN_MAX]]
        raise RowInvalid(shown)
    return row


def on_shelves(row: Mapping[str, Any], taxonomy: Collection[str] | None) -> Mapping[str, Any]:
    """Returns the row. ``taxonomy`` are the slugs of existing categories (None: new ones are allowed).

    Raises RowInvalid.
    """
    names = row.get("categories")
    if taxonomy is None or not isinstance(names, list) or len(names) > limits.CATEGORIES_MAX:
        return row  # that there are too many, whoever reads the row says
    missing = [name for name in names if isinstance(name, str) and name.strip() and slugify(name) not in taxonomy]
    if missing:
        raise RowInvalid([("categories", f"there is no category {missing[0][:_SHOWN_CHARACTERS]!r} in this shop")])
    return row
