"""Use cases: create, replace or delete a product type, at the version that the caller expects."""

from collections.abc import Mapping
from typing import Any

import msgspec

from renga.domains.catalog.contract import ProductType, ProductTypeInUse, ProductTypeNotFound
from renga.domains.catalog.contract.events import ProductTypeChanged
from renga.domains.catalog.dependencies import CatalogDependencies
from renga.domains.catalog.model.limits import WRITE_ATTEMPTS_MAX
from renga.domains.catalog.ports import StaleWrite
from renga.domains.catalog.products.owning import check_version
from renga.domains.catalog.rows.taxonomy import product_type_of
from renga.domains.catalog.taxonomy.facts import event_of


async def put_product_type(
    dependencies: CatalogDependencies, code: str, row: Mapping[str, Any], expected_version: int | None
) -> ProductType:
    """Expected version 0: it must not exist. Existing products are checked at their next write.

    Raises TaxonomyInvalid, VersionMismatch, StaleWrite.
    """
    wanted = product_type_of(code, row)
    for attempt in range(1, WRITE_ATTEMPTS_MAX + 1):
        current = await _find(dependencies, code)
        version = current.version if current else 0
        check_version(version, expected_version, code)
        if current is not None and msgspec.structs.replace(wanted, version=version) == current:
            return current
        made = msgspec.structs.replace(wanted, version=version + 1)
        try:
            await dependencies.taxonomy.put_product_type(
                made, event_of(ProductTypeChanged(code=code, version=made.version), dependencies)
            )
        except StaleWrite:
            if attempt == WRITE_ATTEMPTS_MAX:
                raise
        else:
            return made
    raise AssertionError("unreachable: the last attempt returns or raises")


async def drop_product_type(dependencies: CatalogDependencies, code: str, expected_version: int | None) -> None:
    """Raises ProductTypeNotFound, ProductTypeInUse, VersionMismatch."""
    for attempt in range(1, WRITE_ATTEMPTS_MAX + 1):
        current = await _find(dependencies, code)
        if current is None:
            raise ProductTypeNotFound(f"there is no product type {code[:60]!r}")
        check_version(current.version, expected_version, code)
        fact = ProductTypeChanged(code=code, version=current.version + 1, removed=True)
        try:
            await dependencies.taxonomy.drop_product_type(code, current.version, event_of(fact, dependencies))
            return
        except StaleWrite:
            # it was not changed meanwhile, so products reference it
            if await _find(dependencies, code) == current or attempt == WRITE_ATTEMPTS_MAX:
                raise ProductTypeInUse(f"products are of the type {code!r}") from None


async def _find(dependencies: CatalogDependencies, code: str) -> ProductType | None:
    return next((one for one in await dependencies.taxonomy.product_types() if one.code == code), None)
