"""Use cases: create, replace or delete a category, at the version that the caller expects."""

from collections.abc import Mapping
from typing import Any

import msgspec

from renga.domains.catalog.contract import Category, CategoryInUse, CategoryNotFound
from renga.domains.catalog.contract.events import CategoryChanged
from renga.domains.catalog.dependencies import CatalogDependencies
from renga.domains.catalog.model.limits import WRITE_ATTEMPTS_MAX
from renga.domains.catalog.ports import StaleWrite
from renga.domains.catalog.products.owning import check_version
from renga.domains.catalog.rows.taxonomy import category_of
from renga.domains.catalog.taxonomy.facts import event_of


async def put_category(
    dependencies: CatalogDependencies, slug: str, row: Mapping[str, Any], expected_version: int | None
) -> Category:
    """Expected version 0: it must not exist, or be only seeded. If nothing changes, nothing is written.

    Raises TaxonomyInvalid, VersionMismatch, CategoryNotFound (its parent), CategoryCycle, StaleWrite.
    """
    wanted = category_of(slug, row)
    for attempt in range(1, WRITE_ATTEMPTS_MAX + 1):
        current = await _find(dependencies, slug)
        version = current.version if current else 0
        check_version(version, expected_version, slug)
        if current is not None and msgspec.structs.replace(wanted, version=version) == current:
            return current
        category = msgspec.structs.replace(wanted, version=version + 1)
        try:
            await dependencies.taxonomy.put_category(
                category, event_of(CategoryChanged(slug=slug, version=category.version), dependencies)
            )
        except StaleWrite:
            if attempt == WRITE_ATTEMPTS_MAX:
                raise
        else:
            return category
    raise AssertionError("unreachable: the last attempt returns or raises")


async def drop_category(dependencies: CatalogDependencies, slug: str, expected_version: int | None) -> None:
    """Its products stay without it. Raises CategoryNotFound, CategoryInUse, VersionMismatch, StaleWrite."""
    for attempt in range(1, WRITE_ATTEMPTS_MAX + 1):
        current = await _find(dependencies, slug)
        if current is None:
            raise CategoryNotFound(f"there is no category {slug[:120]!r}")
        check_version(current.version, expected_version, slug)
        fact = CategoryChanged(slug=slug, version=current.version + 1, removed=True)
        try:
            await dependencies.taxonomy.drop_category(slug, current.version, event_of(fact, dependencies))
            return
        except StaleWrite:
            below = [c.slug for c in await dependencies.taxonomy.categories() if c.parent == slug]
            if below:
                raise CategoryInUse(f"{below[0]!r} stands below {slug!r}", below=below) from None
            if attempt == WRITE_ATTEMPTS_MAX:
                raise


async def _find(dependencies: CatalogDependencies, slug: str) -> Category | None:
    return next((c for c in await dependencies.taxonomy.categories() if c.slug == slug), None)
