"""Pure: whose product it is, and at which version somebody expects a thing to be."""

import msgspec

from renga.domains.catalog.contract import Product, ProductNotFound, VersionMismatch
from renga.domains.catalog.dependencies import Merchants
from renga.domains.catalog.model import Draft
from renga.domains.catalog.rows.drafts import RowInvalid


def own(product: Product | None, slug: str, merchants: Merchants) -> Product:
    """The product, if it is one of theirs. Raises ProductNotFound."""
    if product is None or (merchants is not None and product.merchant not in merchants):
        raise ProductNotFound(f"there is no product {slug[:120]!r}")
    return product


def owned(draft: Draft, current: Product | None, merchants: Merchants) -> Draft:
    """The draft with its merchant: a new product of somebody with one merchant is that merchant's. Raises RowInvalid."""
    if merchants is None or (draft.merchant is None and current is not None):
        return draft
    if draft.merchant is None and len(merchants) == 1:
        return msgspec.structs.replace(draft, merchant=next(iter(merchants)))
    if draft.merchant is None:
        raise RowInvalid([("merchant", "is missing: a new product belongs to a merchant")])
    if draft.merchant not in merchants:
        raise RowInvalid([("merchant", f"{draft.merchant[:60]!r} is none of yours")])
    return draft


def check_version(version: int, expected: int | None, name: str) -> None:
    """``version`` is 0 for what is not there; None expects nothing. Raises VersionMismatch."""
    if expected is not None and version != expected:
        said = f"{name!r} is at version {version}" if version else f"{name!r} is not there"
        raise VersionMismatch(f"{said}, not at {expected}", version=version)
