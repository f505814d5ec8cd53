"""JSON Lines of our own: one product per line, whole, as an import takes it back."""

from typing import Any

import msgspec

from renga.catalog.contract import Product

#: Members that the catalogue keeps itself: they are shown, and passed over when they come back.
KEPT = frozenset({"id", "version", "created_at", "updated_at", "channels", "history", "due_at"})

_encode = msgspec.json.Encoder().encode


def row_of(product: Product) -> dict[str, Any]:
    """The native row of a product: what ``draft_of`` reads back into the same."""
    row: dict[str, Any] = {name: value for name, value in msgspec.to_builtins(product).items() if name not in KEPT}
    # said even where they are as usual, so that the row brings a product that was changed since back to this
    row["merchant"], row["status"] = product.merchant, product.status
    row["scheduled"] = msgspec.to_builtins(product.scheduled)
    return row


class JsonLines:
    media_type = "application/x-ndjson"
    suffix = "jsonl"

    def head(self) -> str:
        return ""

    def rows(self, product: Product) -> str:
        return _encode(row_of(product)).decode() + "\n"

    def tail(self) -> str:
        return ""
