"""Use cases: create, replace, patch or archive one product, at the version that its writer has seen."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from renga.domains.catalog.access import Reach
from renga.domains.catalog.contract import Product, ProductType, RowInvalid, SlugTaken
from renga.domains.catalog.dependencies import Tools
from renga.domains.catalog.intake.upsert_products import check_owners
from renga.domains.catalog.model import Draft, advance, decide, draft_like
from renga.domains.catalog.model.limits import WRITE_ATTEMPTS_MAX
from renga.domains.catalog.ports import StaleWrite
from renga.domains.catalog.products.owning import check_version, own, owned
from renga.domains.catalog.rows.drafts import draft_of
from renga.domains.catalog.rows.members import known, on_shelves
from renga.domains.catalog.rows.native import merged, row_of
from renga.domains.catalog.rows.reading import text_problem

#: What is wanted of the product that is there now, at a moment. It may raise.
Wish = Callable[[Product | None, str], Draft]


async def create_product(tools: Tools, row: Mapping[str, Any], reach: Reach) -> Product:
    """Raises SlugTaken, SkuTaken, RowInvalid."""
    draft = draft_of(await checked_row(tools, row, reach), await types_of(tools))

    def wish(current: Product | None, _: str) -> Draft:
        if current is not None:
            raise SlugTaken(f"a product has the slug {draft.slug!r} already", slug=draft.slug)
        return owned(draft, None, reach)

    return await write_one(tools, draft.slug, wish)


async def replace_product(
    tools: Tools, slug: str, row: Mapping[str, Any], expected_version: int | None, reach: Reach
) -> Product:
    """Version 0 is expected of a product that is to be new. Raises ProductNotFound for another merchant's, as all do."""
    draft = draft_of(_at(slug, await checked_row(tools, row, reach)), await types_of(tools))

    def wish(current: Product | None, _: str) -> Draft:
        if current is not None:
            own(current, slug, reach)
        check_version(current.version if current else 0, expected_version, slug)
        return owned(draft, current, reach)

    return await write_one(tools, slug, wish)


async def patch_product(
    tools: Tools, slug: str, changes: Mapping[str, Any], expected_version: int | None, reach: Reach
) -> Product:
    """``changes`` is a JSON merge patch of the native row; lists (variants, say) are replaced whole."""
    changes, types = await checked_row(tools, changes, reach), await types_of(tools)

    def wish(current: Product | None, at: str) -> Draft:
        there = own(current, slug, reach)
        check_version(there.version, expected_version, slug)
        row = merged(row_of(ripe(there, at)), changes)
        # what a patch takes away is not "as it is"
        row.setdefault("scheduled", [])
        return owned(draft_of(_at(slug, row), types), there, reach)

    return await write_one(tools, slug, wish)


async def archive_product(tools: Tools, slug: str, expected_version: int | None, reach: Reach) -> Product:
    """Kept for old orders, sold nowhere."""

    def wish(current: Product | None, at: str) -> Draft:
        there = own(current, slug, reach)
        check_version(there.version, expected_version, slug)
        return msgspec.structs.replace(draft_like(there, at), status="archived")

    return await write_one(tools, slug, wish)


async def write_one(tools: Tools, slug: str, wish: Wish) -> Product:
    """The product as it is after the wish came true. Raises what the wish does; SkuTaken; StaleWrite after losing races."""
    for attempt in range(1, WRITE_ATTEMPTS_MAX + 1):
        current = None if text_problem(slug) else (await tools.products.by_slug([slug])).get(slug)
        at = tools.now()
        draft = wish(current, at)
        change = decide(current, draft, at=at, new_id=tools.new_id)
        if change is None and current is not None:
            return current
        assert change is not None, "a new product is a change"
        try:
            await tools.products.write([change])
        except StaleWrite:
            await check_owners(tools.products, [draft])
            if attempt == WRITE_ATTEMPTS_MAX:
                raise
        else:
            return change.product
    raise AssertionError("unreachable: the last attempt returns or raises")


def ripe(product: Product, at: str) -> Product:
    """The product with the price changes made that are due by ``at``."""
    change = advance(product, now=at, new_id=lambda: "")
    return product if change is None else change.product


async def types_of(tools: Tools) -> dict[str, ProductType]:
    return {one.code: one for one in await tools.shelves.product_types()}


async def checked_row(tools: Tools, row: Mapping[str, Any], reach: Reach) -> Mapping[str, Any]:
    """The row, if it names nothing unknown; categories are the whole shop's to make, not a merchant's. Raises RowInvalid."""
    known(row)
    if not reach.every and row.get("categories"):
        on_shelves(row, {category.slug for category in await tools.shelves.categories()})
    return row


def _at(slug: str, row: Mapping[str, Any]) -> dict[str, Any]:
    if row.get("slug") not in (None, slug):
        raise RowInvalid([("slug", f"{str(row['slug'])[:60]!r} is not {slug[:120]!r}; a slug does not change")])
    return {**row, "slug": slug}
