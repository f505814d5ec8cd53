"""Renga's JSON Lines: one complete product per line, which can be imported again."""

import msgspec

from renga.domains.catalog.contract import Product
from renga.domains.catalog.rows.native import row_of

_encode = msgspec.json.Encoder().encode


class JsonLines:
    media_type = "application/x-ndjson"
    suffix = "jsonl"

    def head(self) -> str:
        return ""

    def rows(self, product: Product) -> str:
        return _encode(row_of(product)).decode() + "\n"

    def tail(self) -> str:
        return ""
