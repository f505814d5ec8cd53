"""Pure: a document as the cluster keeps it, and the version under which it is written."""

from typing import Any

from renga.search.document import Document
from renga.search.folding import fold, key_of
from renga.search.ports import Removal
from renga.search.stores.opensearch.mapping import LANGUAGES, OTHER
from renga.search.stores.postgres.filters import tokens_of

#: Bits below the product's version: the second at which a document was made, so that the same version may come again.
SECOND_BITS = 31
_EPOCH_S = 1_577_836_800  # 2020-01-01
_LAST = (1 << SECOND_BITS) - 1
AVAILABLE = 0.25


def write_version(version: int, now_ms: int) -> int:
    """External version of a document: an earlier version of the product is refused, the same one may come again."""
    return version << SECOND_BITS | min(max(now_ms // 1000 - _EPOCH_S, 0), _LAST - 1)


def removal_version(version: int) -> int:
    """Above every document of this version: what was removed does not come back with it."""
    return version << SECOND_BITS | _LAST


def standing(popularity: float, available: bool) -> float:
    return popularity + (AVAILABLE if available else 0)


def source_of(document: Document, popularity: float) -> dict[str, Any]:
    source: dict[str, Any] = {
        "product_id": document.product_id,
        "version": document.version,
        "gone": False,
        "slug": document.slug,
        "brand": document.brand,
        "brand_key": key_of(document.brand) if document.brand else None,
        "keys": [*document.keys, *(f"title:{key_of(text.title)}" for text in document.texts.values())],
        "skus": document.keys,
        "channels": list(document.channels),
        "tokens": (tokens := tokens_of(document)),
        "common": [one for one in tokens if not one.startswith("attribute.")],
        "numbers": [{"facet": one.facet, "number": one.number} for one in document.numbers],
        "prices": document.prices,
        "titles": document.titles,
        "image": document.image,
        "available": document.available,
        "popularity": popularity,
        "standing": standing(popularity, document.available),
        "created_at": document.created_at,
    }
    for language, text in document.texts.items():
        suffix = language if language in LANGUAGES else OTHER
        skus = " ".join(f"{sku} {key_of(sku)}" for sku in dict.fromkeys(document.keys.values()))
        source |= {
            f"title_{suffix}": text.title,
            f"words_{suffix}": f"{text.words} {skus}",
            f"body_{suffix}": text.body,
            f"sort_{suffix}": fold(text.title),
        }
    return source


def tombstone(removal: Removal) -> dict[str, Any]:
    return {"product_id": removal.product_id, "version": removal.version, "gone": True}
