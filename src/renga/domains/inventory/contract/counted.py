"""A product as its stock is: of counted skus the inventory decides the availability, of all others the merchant."""

from collections.abc import Mapping

import msgspec

from renga.domains.catalog.contract import Availability, Product, Variant
from renga.domains.inventory.contract.stock import Available


def counted_availability(declared: Availability, available: Available) -> Availability:
    """In stock while there is any; else as a promise, with the declared word for it; else out of stock."""
    if available.available_milli > 0:
        return "in_stock"
    if available.backorder:
        return "preorder" if declared == "preorder" else "backorder"
    return "out_of_stock"


def counted_product(product: Product, found: Mapping[str, Available]) -> Product:
    """The product with the availability of its counted skus; the same object if nothing is different."""
    variants = tuple(_counted(variant, found) for variant in product.variants)
    if all(now is before for now, before in zip(variants, product.variants, strict=True)):
        return product
    return msgspec.structs.replace(product, variants=variants)


def _counted(variant: Variant, found: Mapping[str, Available]) -> Variant:
    available = found.get(variant.sku)
    if available is None:
        return variant
    availability = counted_availability(variant.availability, available)
    if availability == variant.availability:
        return variant
    return msgspec.structs.replace(variant, availability=availability)
