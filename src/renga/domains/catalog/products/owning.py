"""Pure: checks of a product's merchant and of the expected version."""

import msgspec

from renga.domains.catalog.access import Reach
from renga.domains.catalog.contract import Product, ProductNotFound, RowInvalid, VersionMismatch
from renga.domains.catalog.model import Draft


def own(product: Product | None, slug: str, reach: Reach) -> Product:
    """The product, if the caller may access its merchant. Raises ProductNotFound."""
    if product is None or not reach.covers(product.merchant):
        raise ProductNotFound(f"there is no product {slug[:120]!r}")
    return product


def owned(draft: Draft, current: Product | None, reach: Reach) -> Draft:
    """The draft with its merchant; the default is the caller's single merchant. Raises RowInvalid."""
    if draft.merchant is None and current is not None:
        return draft
    if draft.merchant is None and reach.only is not None:
        return msgspec.structs.replace(draft, merchant=reach.only)
    if draft.merchant is None:
        raise RowInvalid([("merchant", "is missing: a new product belongs to a merchant")])
    if not reach.covers(draft.merchant):
        raise RowInvalid([("merchant", f"{draft.merchant[:60]!r} is none of yours")])
    return draft


def check_version(version: int, expected: int | None, name: str) -> None:
    """``version`` is 0 if it does not exist; ``expected`` None: any. Raises VersionMismatch."""
    if expected is not None and version != expected:
        said = f"{name!r} is at version {version}" if version else f"{name!r} is not there"
        raise VersionMismatch(f"{said}, not at {expected}", version=version)
