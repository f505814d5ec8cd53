"""Use cases: create, replace, patch or archive one product, at the version that the caller expects."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from renga.domains.catalog.access import Reach
from renga.domains.catalog.contract import Product, ProductSlugTaken, ProductType, RowInvalid
from renga.domains.catalog.dependencies import CatalogDependencies
from renga.domains.catalog.intake.bundling import check_bundles
from renga.domains.catalog.intake.group_owning import check_groups
from renga.domains.catalog.intake.upsert_products import check_owners
from renga.domains.catalog.model import Draft, advance, decide, draft_like
from renga.domains.catalog.model.limits import WRITE_ATTEMPTS_MAX
from renga.domains.catalog.ports import StaleWrite
from renga.domains.catalog.products.owning import check_version, own, owned
from renga.domains.catalog.rows.drafts import draft_of
from renga.domains.catalog.rows.exact import check_exact
from renga.domains.catalog.rows.members import known, on_shelves
from renga.domains.catalog.rows.native import merged, row_of
from renga.domains.catalog.rows.reading import text_problem

#: From the current product (None: does not exist) and the time to the wanted draft. It may raise.
DraftBuilder = Callable[[Product | None, str], Draft]


async def create_product(dependencies: CatalogDependencies, row: Mapping[str, Any], reach: Reach) -> Product:
    """Raises ProductSlugTaken, SkuTaken, RowInvalid."""
    draft = draft_of(await checked_row(dependencies, row, reach), await types_of(dependencies))

    def build_draft(current: Product | None, _: str) -> Draft:
        if current is not None:
            raise ProductSlugTaken(f"a product has the slug {draft.slug!r} already", slug=draft.slug)
        return owned(draft, None, reach)

    return await write_one(dependencies, draft.slug, build_draft, reach)


async def replace_product(
    dependencies: CatalogDependencies, slug: str, row: Mapping[str, Any], expected_version: int | None, reach: Reach
) -> Product:
    """Expected version 0: it must not exist. Raises ProductNotFound for another merchant's product, as all use cases here."""
    draft = draft_of(_at(slug, await checked_row(dependencies, row, reach)), await types_of(dependencies))

    def build_draft(current: Product | None, _: str) -> Draft:
        if current is not None:
            own(current, slug, reach)
        check_version(current.version if current else 0, expected_version, slug)
        return owned(draft, current, reach)

    return await write_one(dependencies, slug, build_draft, reach)


async def patch_product(
    dependencies: CatalogDependencies, slug: str, changes: Mapping[str, Any], expected_version: int | None, reach: Reach
) -> Product:
    """``changes`` is a JSON merge patch of the native row; lists (such as variants) are replaced as a whole."""
    changes, types = await checked_row(dependencies, changes, reach), await types_of(dependencies)

    def build_draft(current: Product | None, at: str) -> Draft:
        there = own(current, slug, reach)
        check_version(there.version, expected_version, slug)
        row = merged(row_of(with_due_prices(there, at)), changes)
        # a member that the patch removed must not mean "unchanged"
        row.setdefault("scheduled", [])
        return owned(draft_of(_at(slug, row), types), there, reach)

    return await write_one(dependencies, slug, build_draft, reach)


async def archive_product(
    dependencies: CatalogDependencies, slug: str, expected_version: int | None, reach: Reach
) -> Product:
    """The product is kept for old orders, but no longer sold."""

    def build_draft(current: Product | None, at: str) -> Draft:
        there = own(current, slug, reach)
        check_version(there.version, expected_version, slug)
        return msgspec.structs.replace(draft_like(there, at), status="archived")

    return await write_one(dependencies, slug, build_draft, reach)


async def write_one(dependencies: CatalogDependencies, slug: str, build_draft: DraftBuilder, reach: Reach) -> Product:
    """Write with optimistic-lock retries; returns the product after it.

    Raises as ``build_draft``; SkuTaken; BundlePartForeign; RowInvalid for a foreign group; StaleWrite after
    WRITE_ATTEMPTS_MAX conflicts.
    """
    for attempt in range(1, WRITE_ATTEMPTS_MAX + 1):
        current = None if text_problem(slug) else (await dependencies.products.by_slug([slug])).get(slug)
        at = dependencies.now()
        draft = build_draft(current, at)
        await check_bundles(dependencies.products, draft, current, reach)
        check_groups(draft, current)
        change = decide(current, draft, at=at, new_id=dependencies.new_id)
        if change is None and current is not None:
            return current
        assert change is not None, "a new product is a change"
        try:
            await dependencies.products.write([change])
        except StaleWrite:
            await check_owners(dependencies.products, [draft])
            if attempt == WRITE_ATTEMPTS_MAX:
                raise
        else:
            return change.product
    raise AssertionError("unreachable: the last attempt returns or raises")


def with_due_prices(product: Product, at: str) -> Product:
    """The product with the price changes applied that are due by ``at``."""
    change = advance(product, now=at, new_id=lambda: "")
    return product if change is None else change.product


async def types_of(dependencies: CatalogDependencies) -> dict[str, ProductType]:
    return {one.code: one for one in await dependencies.taxonomy.product_types()}


async def checked_row(dependencies: CatalogDependencies, row: Mapping[str, Any], reach: Reach) -> Mapping[str, Any]:
    """The row, if its members and categories are known (merchants cannot create categories) and exact. Raises RowInvalid."""
    known(row)
    check_exact(row)
    if not reach.every and row.get("categories"):
        on_shelves(row, {category.slug for category in await dependencies.taxonomy.categories()})
    return row


def _at(slug: str, row: Mapping[str, Any]) -> dict[str, Any]:
    if row.get("slug") not in (None, slug):
        raise RowInvalid([("slug", f"{str(row['slug'])[:60]!r} is not {slug[:120]!r}; a slug does not change")])
    return {**row, "slug": slug}
