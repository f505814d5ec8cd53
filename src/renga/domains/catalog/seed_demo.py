"""Use case: add the demo products that ship with Renga; repeating it changes nothing."""

import asyncio
from importlib import resources
from typing import Any

import msgspec

from renga.domains.catalog.contract import Category
from renga.domains.catalog.dependencies import CatalogDependencies
from renga.domains.catalog.intake.upsert_products import Upserted, upsert_products
from renga.domains.catalog.model import Draft
from renga.domains.catalog.ports import ProductStore, TaxonomyStore
from renga.domains.catalog.rows.drafts import draft_of
from renga.domains.catalog.rows.taxonomy import product_type_of
from renga.domains.catalog.taxonomy.change_collection import put_collection
from renga.domains.catalog.taxonomy.change_product_type import put_product_type
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource

_FOLDER = resources.files("renga.domains.catalog") / "demo"


async def seed_demo(
    store: ProductStore, taxonomy: TaxonomyStore, *, merchant: str | None = None, clock: Clock, new_id: IdSource
) -> Upserted:
    """The first product of the file is listed first. ``merchant`` is their owner (None: unchanged)."""
    categories, drafts = await asyncio.to_thread(_read_demo)
    drafts = [msgspec.structs.replace(draft, merchant=merchant) for draft in drafts]
    await taxonomy.seed_categories(categories)
    await _seed_shelves(CatalogDependencies(products=store, taxonomy=taxonomy, clock=clock, new_id=new_id))
    return await upsert_products(store, drafts[::-1], clock=clock, new_id=new_id)


async def _seed_shelves(dependencies: CatalogDependencies) -> None:
    """Adds missing product types and collections; existing ones are not changed."""
    known = {one.code for one in await dependencies.taxonomy.product_types()}
    for row in await asyncio.to_thread(_rows, "product_types.jsonl"):
        if row["code"] not in known:
            await put_product_type(dependencies, row["code"], row, 0)
    there = {one.slug for one in await dependencies.taxonomy.collections()}
    for row in await asyncio.to_thread(_rows, "collections.jsonl"):
        if row["slug"] not in there:
            await put_collection(dependencies, row["slug"], row, 0)


def _rows(name: str) -> list[dict[str, Any]]:
    return msgspec.json.Decoder(dict[str, Any]).decode_lines((_FOLDER / name).read_bytes())


def _read_demo() -> tuple[list[Category], list[Draft]]:
    categories = msgspec.json.Decoder(Category).decode_lines((_FOLDER / "categories.jsonl").read_bytes())
    types = {row["code"]: product_type_of(row["code"], row) for row in _rows("product_types.jsonl")}
    return categories, [draft_of(row, types) for row in _rows("products.jsonl")]
