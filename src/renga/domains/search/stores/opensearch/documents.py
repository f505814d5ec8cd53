"""Pure: a document as the cluster stores it."""

from typing import Any

from renga.domains.search.model.document import Document
from renga.domains.search.model.folding import fold, key_of
from renga.domains.search.model.tokens import tokens_of
from renga.domains.search.ports import Removal
from renga.domains.search.stores.opensearch.mapping import LANGUAGES, OTHER

#: The standing's bonus for products in stock, added to the popularity.
AVAILABLE = 0.25


def source_of(document: Document) -> dict[str, Any]:
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
        "popularity": document.popularity,
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
    """The tombstone of a removed product."""
    return {"product_id": removal.product_id, "version": removal.version, "gone": True}
