"""What a merchant pays for its goods is nobody else's business: products and offers without it."""

from collections.abc import Iterable, Mapping

import msgspec

from renga.domains.catalog.contract.products import Offer, Product


def without_costs(product: Product) -> Product:
    """The product as everybody may see it; the same object if it has no costs."""
    if not any(variant.cost for variant in product.variants):
        return product
    variants = tuple(msgspec.structs.replace(variant, cost={}) for variant in product.variants)
    return msgspec.structs.replace(product, variants=variants)


def all_without_costs(products: Iterable[Product]) -> tuple[Product, ...]:
    """``without_costs`` of each."""
    return tuple(without_costs(product) for product in products)


def named_without_costs(products: Mapping[str, Product]) -> dict[str, Product]:
    """``without_costs`` of each, by the same names."""
    return {name: without_costs(product) for name, product in products.items()}


def offers_without_costs(offers: Mapping[str, Offer]) -> dict[str, Offer]:
    """The offers as caches and pages may have them."""
    return {sku: msgspec.structs.replace(offer, cost={}) if offer.cost else offer for sku, offer in offers.items()}
