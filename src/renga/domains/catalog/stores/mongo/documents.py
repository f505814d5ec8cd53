"""Pure: values of the contract as documents and back. Integers stay integers, floats floats.

Names that others choose (of attributes, of options) may hold dots and dollars, which mean something in MongoDB; so a mapping of
them is a list of pairs: ``{"a.b": 1}`` → ``[{"k": "a.b", "v": 1}]``.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from renga.domains.catalog.contract import Product
from renga.platform.mongo.client import Document

#: What the shelf of a collection by rule begins with; the shelf of all products has no name.
GATHERED = "@"
ALL_PRODUCTS = ""

#: The parts of a product that its offers do not tell.
NOT_OFFERED: dict[str, int] = {
    f"product.{name}": 0
    for name in (
        "description",
        "brand",
        "categories",
        "attributes",
        "media",
        "seo",
        "publications",
        "scheduled",
        "history",
    )
} | {"pending": 0, "placed": 0, "gathered": 0}

#: What a field must be that a document does not have.
ABSENT: Document = {"$exists": False}

#: Left out of a product's document where there is nothing to index.
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
    """Where a product stands: ``<shelf>/<channel>``, one array because an index can hold only one.

    A collection by rule is named once more without a channel, so that products which are sold nowhere are found by it too.
    """
    rules = [f"{GATHERED}{slug}" for slug in gathered]
    taxonomy = (ALL_PRODUCTS, *categories, *rules)
    sold = [placement(shelf, channel) for channel in channels for shelf in taxonomy]
    return list(dict.fromkeys(sold + [placement(shelf, "") for shelf in rules]))


def placement(shelf: str, channel: str) -> str:
    """Slugs have no slash, so the first one is ours."""
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
