"""Pure: converts a product to its native row."""

from typing import Any

import msgspec

from renga.domains.catalog.contract import Product

#: Members that the catalogue sets; they are ignored in rows.
KEPT = frozenset({"id", "version", "created_at", "updated_at", "channels", "history", "due_at"})
#: Members that mean "unchanged" if they are omitted, so they are always included.
_SAID = ("merchant", "status", "scheduled")


def row_of(product: Product) -> dict[str, Any]:
    """The row from which ``draft_of`` makes the same product."""
    row: dict[str, Any] = {name: value for name, value in msgspec.to_builtins(product).items() if name not in KEPT}
    return row | {name: msgspec.to_builtins(getattr(product, name)) for name in _SAID}


def merged(row: Any, changes: Any) -> Any:
    """The row after a JSON merge patch (RFC 7396)."""
    if not isinstance(changes, dict):
        return changes
    result = dict(row) if isinstance(row, dict) else {}
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
