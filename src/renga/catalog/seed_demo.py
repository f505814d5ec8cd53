"""Use case: fill the shop with the demo products that ship with Renga; a second time changes nothing."""

import asyncio
from importlib import resources

import msgspec

from renga.catalog.contract import Category
from renga.catalog.drafts import draft_of
from renga.catalog.model import Draft
from renga.catalog.ports import ProductStore, ShelfStore
from renga.catalog.upsert_products import Upserted, upsert_products
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource


async def seed_demo(
    store: ProductStore, shelves: ShelfStore, *, merchant: str | None = None, clock: Clock, new_id: IdSource
) -> Upserted:
    """The first product of the file stands first on the shelf. ``merchant`` is whose they are (None: whose they are now)."""
    categories, drafts = await asyncio.to_thread(_read_demo)
    drafts = [msgspec.structs.replace(draft, merchant=merchant) for draft in drafts]
    await shelves.seed_categories(categories)
    return await upsert_products(store, drafts[::-1], clock=clock, new_id=new_id)


def _read_demo() -> tuple[list[Category], list[Draft]]:
    folder = resources.files("renga.catalog") / "demo"
    categories = msgspec.json.Decoder(Category).decode_lines((folder / "categories.jsonl").read_bytes())
    rows = msgspec.json.Decoder(dict).decode_lines((folder / "products.jsonl").read_bytes())
    return categories, [draft_of(row) for row in rows]
