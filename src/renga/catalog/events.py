"""Facts of the catalogue. Routing keys are ``catalog.<Event>``; the subject is the product's id, the sequence its version."""

import msgspec


class ProductUpdated(msgspec.Struct, frozen=True, kw_only=True):
    """A product is new or has changed; ask the catalogue for details. ``skus`` names its variants, removed ones included."""

    product_id: str
    slug: str
    version: int
    skus: tuple[str, ...]


class PriceChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A variant's price in one currency is now ``amount`` minor units (None: no longer sold in it); was ``was``."""

    product_id: str
    slug: str
    version: int
    sku: str
    currency: str
    amount: int | None
    was: int | None
