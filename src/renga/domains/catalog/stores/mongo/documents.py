"""Pure: values of the contract as documents and back. Integers stay integers, floats floats.

Names of attributes and options may contain dots and dollars, which have a meaning in MongoDB. So a mapping is stored as a list
of pairs: ``{"a.b": 1}`` → ``[{"k": "a.b", "v": 1}]``.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from renga.domains.catalog.contract import Product
from renga.platform.mongo.client import Document

#: The prefix of the shelves of rule collections; the shelf of all products is the empty text.
GATHERED = "@"
ALL_PRODUCTS = ""

#: A projection without the parts of a product that offers do not need.
NOT_OFFERED: dict[str, int] = {
    f"product.{name}": 0
    for name in (
        "description",
        "attributes",
        "media",
        "seo",
        "scheduled",
        "history",
    )
} | {"pending": 0, "placed": 0, "gathered": 0}

#: The filter for a field that a document does not have.
ABSENT: Document = {"$exists": False}

#: Omitted from a product's document if there is nothing to index.
OPTIONAL = ("skus", "type", "due_at")


def columns(product: Product, gathered: Sequence[str]) -> Document:
    """The product's document without its id, slug and position, which never change."""
    found = {
        "version": product.version,
        "merchant": product.merchant,
        "status": product.status,
        "placed": placements(product.channels, product.categories, gathered),
        "product": product_document(product),
        "skus": [variant.sku for variant in product.variants] or None,
        "type": product.type,
        "due_at": product.due_at,
    }
    return {name: value for name, value in found.items() if value is not None}


def placements(channels: Iterable[str], categories: Sequence[str], gathered: Sequence[str]) -> list[str]:
    """The product's placements, ``<shelf>/<channel>``: one array, because an index can contain only one.

    A rule collection is also listed without a channel, so that its products which are sold nowhere can be found.
    """
    rules = [f"{GATHERED}{slug}" for slug in gathered]
    taxonomy = (ALL_PRODUCTS, *categories, *rules)
    sold = [placement(shelf, channel) for channel in channels for shelf in taxonomy]
    return list(dict.fromkeys(sold + [placement(shelf, "") for shelf in rules]))


def placement(shelf: str, channel: str) -> str:
    """Slugs have no slash, so the first slash is the separator."""
    return f"{shelf}/{channel}"


def product_document(product: Product) -> Document:
    body: Document = msgspec.to_builtins(product)
    if "attributes" in body:
        body["attributes"] = _pairs(body["attributes"])
    for variant in body.get("variants", ()):
        if "options" in variant:
            variant["options"] = _pairs(variant["options"])
    return body


def product_of(document: Document) -> Product:
    """The product in a document of ``products``."""
    body: Document = document["product"]
    if "attributes" in body:
        body["attributes"] = _mapping(body["attributes"])
    for variant in body.get("variants", ()):
        if "options" in variant:
            variant["options"] = _mapping(variant["options"])
    return msgspec.convert(body, Product)


def _pairs(mapping: dict[str, Any]) -> list[Document]:
    return [{"k": name, "v": value} for name, value in mapping.items()]


def _mapping(pairs: Sequence[Document]) -> dict[str, Any]:
    return {pair["k"]: pair["v"] for pair in pairs}
