"""Use cases: create, replace or delete a collection, at the version that the caller expects."""

from collections.abc import Mapping
from typing import Any

import msgspec

from renga.domains.catalog.contract import Collection
from renga.domains.catalog.contract.events import CollectionChanged
from renga.domains.catalog.dependencies import CatalogDependencies
from renga.domains.catalog.model.limits import WRITE_ATTEMPTS_MAX
from renga.domains.catalog.ports import StaleWrite
from renga.domains.catalog.products.owning import check_version
from renga.domains.catalog.rows.taxonomy import collection_of
from renga.domains.catalog.taxonomy.facts import event_of
from renga.domains.catalog.taxonomy.list_collection import find_collection


async def put_collection(
    dependencies: CatalogDependencies, slug: str, row: Mapping[str, Any], expected_version: int | None
) -> Collection:
    """Expected version 0: it must not exist. If nothing changes, nothing is written.

    A new rule is applied within seconds. Raises TaxonomyInvalid, VersionMismatch, StaleWrite.
    """
    wanted = collection_of(slug, row)
    for attempt in range(1, WRITE_ATTEMPTS_MAX + 1):
        current = await dependencies.taxonomy.collection(slug)
        version = current.version if current else 0
        check_version(version, expected_version, slug)
        if current is not None and msgspec.structs.replace(wanted, version=version) == current:
            return current
        collection = msgspec.structs.replace(wanted, version=version + 1)
        ruled = collection.rule is not None and (current is None or current.rule != collection.rule)
        fact = CollectionChanged(slug=slug, version=collection.version, rule=ruled)
        try:
            await dependencies.taxonomy.put_collection(collection, event_of(fact, dependencies))
        except StaleWrite:
            if attempt == WRITE_ATTEMPTS_MAX:
                raise
        else:
            return collection
    raise AssertionError("unreachable: the last attempt returns or raises")


async def drop_collection(dependencies: CatalogDependencies, slug: str, expected_version: int | None) -> None:
    """Raises CollectionNotFound, VersionMismatch, StaleWrite."""
    for attempt in range(1, WRITE_ATTEMPTS_MAX + 1):
        current = await find_collection(dependencies.taxonomy, slug)
        check_version(current.version, expected_version, slug)
        fact = CollectionChanged(slug=slug, version=current.version + 1, removed=True)
        try:
            await dependencies.taxonomy.drop_collection(slug, current.version, event_of(fact, dependencies))
            return
        except StaleWrite:
            if attempt == WRITE_ATTEMPTS_MAX:
                raise
