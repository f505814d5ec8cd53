"""ProductStore in MongoDB: a page is a scan of one index, offers are read from the products."""

import asyncio
from collections.abc import Iterable, Sequence
from heapq import nlargest

from pymongo import ASCENDING, DESCENDING

from renga.domains.catalog.contract import EVERYWHERE, CategoryNotFound, Offer, Product, Status
from renga.domains.catalog.model import ProductWrite, offers_of
from renga.domains.catalog.ports import ImportMark, Listed
from renga.domains.catalog.stores.mongo.connecting import MongoCatalogue, Session
from renga.domains.catalog.stores.mongo.documents import ALL_PRODUCTS, NOT_OFFERED, placement, product_of
from renga.domains.catalog.stores.mongo.tree import category_and_below
from renga.domains.catalog.stores.mongo.writing import plan, write_changes
from renga.domains.catalog.stores.pages import PageReads, Stamp, StampedProduct
from renga.kernel.ids import canonical_uuid
from renga.platform.mongo.client import Document

#: Number of index keys whose scans the server merges in order; with more it would sort all results.
KEYS_MAX = 100

_STATES: tuple[Status, ...] = ("draft", "active", "archived")
_LISTED = {"position": 1, "product": 1}
#: A product's time of change tells versions of a restored backup apart.
_STAMP = {"position": 1, "version": 1, "product.updated_at": 1, "_id": 0}
_STAMPED = {"position": 1, "version": 1, "product": 1, "_id": 0}
#: Approximate bytes of a product's document, of which the driver tells no size.
_DOCUMENT_BYTES = 2_000
_MARK = "mark"


class MongoProducts:
    """ProductStore on a catalogue that has its indexes."""

    def __init__(self, catalogue: MongoCatalogue) -> None:
        self._catalogue = catalogue

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        wanted = set(skus)
        rows = await self._catalogue.find(self._catalogue.products, {"skus": {"$in": list(wanted)}}, fields=NOT_OFFERED)
        return {offer.sku: offer for row in rows for offer in offers_of(product_of(row)) if offer.sku in wanted}

    async def page(
        self, *, limit: int, before: int | None, category: str | None = None, channel: str
    ) -> Sequence[Listed]:
        taxonomy = [ALL_PRODUCTS]
        if category is not None:
            taxonomy = await category_and_below(self._catalogue, category)
            if not taxonomy:
                raise CategoryNotFound(f"there is no category {category!r}", category=category)
        return await page_of(self._catalogue, taxonomy, channel, before, limit)

    async def of_merchants(
        self, merchants: Sequence[str] | None, *, limit: int, before: int | None, status: Status | None = None
    ) -> Sequence[Listed]:
        below = {} if before is None else {"position": {"$lt": before}}
        state = {} if status is None else {"status": status}
        if merchants is None:
            return await _newest(self._catalogue, [state | below], limit)
        states = {"status": {"$in": _STATES}} | state
        size = KEYS_MAX // len(_STATES)
        parts = [merchants[start : start + size] for start in range(0, len(merchants), size)]
        queries = [{"merchant": {"$in": list(part)}} | states | below for part in parts]
        return await _newest(self._catalogue, queries, limit)

    async def by_slug(self, slugs: Sequence[str]) -> dict[str, Product]:
        return {product.slug: product for product in await self._products("slug", slugs)}

    async def by_id(self, ids: Sequence[str]) -> dict[str, Product]:
        wanted = {uuid: given for given in ids if (uuid := canonical_uuid(given)) is not None}
        return {wanted[product.id]: product for product in await self._products("_id", list(wanted))}

    async def by_sku(self, skus: Sequence[str]) -> dict[str, Product]:
        wanted = set(skus)
        found = await self._products("skus", list(wanted))
        return {v.sku: product for product in found for v in product.variants if v.sku in wanted}

    async def owners(self, skus: Sequence[str]) -> dict[str, str]:
        wanted, fields = set(skus), {"slug": 1, "skus": 1, "_id": 0}
        rows = await self._catalogue.find(self._catalogue.products, {"skus": {"$in": list(wanted)}}, fields=fields)
        return {sku: row["slug"] for row in rows for sku in row["skus"] if sku in wanted}

    async def scan(self, *, after: int, limit: int) -> Sequence[Listed]:
        rows = await self._catalogue.find(
            self._catalogue.products,
            {"position": {"$gt": after}},
            fields=_LISTED,
            sort=[("position", ASCENDING)],
            limit=limit,
        )
        return _listed(rows)

    async def due(self, now: str, limit: int) -> Sequence[Product]:
        rows = await self._catalogue.find(
            self._catalogue.products,
            {"due_at": {"$lte": now}},
            fields={"product": 1},
            sort=[("due_at", ASCENDING)],
            limit=limit,
        )
        return [product_of(row) for row in rows]

    async def write(self, changes: Sequence[ProductWrite], mark: ImportMark | None = None) -> None:
        planned = await plan(self._catalogue, changes)

        async def work(session: Session) -> None:
            if planned:
                await write_changes(self._catalogue, planned, session)
            if mark is not None:
                document = {"fingerprint": mark.fingerprint, "line": mark.line, "at_ms": mark.at_ms}
                await self._catalogue.imports.replace_one({"_id": _MARK}, document, upsert=True, session=session)

        await self._catalogue.step(work)

    async def import_mark(self) -> ImportMark | None:
        rows = await self._catalogue.find(self._catalogue.imports, {"_id": _MARK}, limit=1)
        return ImportMark(**{n: rows[0][n] for n in ("fingerprint", "line", "at_ms")}) if rows else None

    async def clear_import_mark(self) -> None:
        with self._catalogue.writing():
            await self._catalogue.imports.delete_one({"_id": _MARK})

    async def _products(self, field: str, values: Sequence[str]) -> list[Product]:
        wanted = {field: {"$in": list(values)}}
        rows = await self._catalogue.find(self._catalogue.products, wanted, fields={"product": 1})
        return [product_of(row) for row in rows]


async def page_of(
    catalogue: MongoCatalogue, taxonomy: Sequence[str], channel: str, before: int | None, limit: int
) -> Sequence[Listed]:
    """One page of these shelves: products sold in the channel, highest position first."""
    below = {} if before is None else {"position": {"$lt": before}}
    places = [placement(shelf, sold) for shelf in taxonomy for sold in dict.fromkeys((EVERYWHERE, channel))]
    parts = [places[start : start + KEYS_MAX] for start in range(0, len(places), KEYS_MAX)]
    queries = [{"placed": {"$in": part}} | below for part in parts]

    async def stamps() -> list[tuple[int, Stamp]]:
        return [(int(row["position"]), _stamp(row)) for row in await _newest_rows(catalogue, queries, limit, _STAMP)]

    async def whole() -> list[StampedProduct]:
        rows = await _newest_rows(catalogue, queries, limit, _STAMPED)
        return [StampedProduct(int(row["position"]), _stamp(row), product_of(row), _DOCUMENT_BYTES) for row in rows]

    return await catalogue.pages.page((tuple(taxonomy), channel, before, limit), PageReads(stamps, whole))


def _stamp(row: Document) -> Stamp:
    return row["version"], row["product"]["updated_at"]


async def _newest(catalogue: MongoCatalogue, queries: Sequence[Document], limit: int) -> list[Listed]:
    return _listed(await _newest_rows(catalogue, queries, limit, _LISTED))


async def _newest_rows(
    catalogue: MongoCatalogue, queries: Sequence[Document], limit: int, fields: Document
) -> list[Document]:
    """The first results of these queries; each is an ordered index scan of at most a page."""
    newest = [("position", DESCENDING)]
    found = await asyncio.gather(
        *(catalogue.find(catalogue.products, query, fields=fields, sort=newest, limit=limit) for query in queries)
    )
    rows = {row["position"]: row for part in found for row in part}
    return [rows[position] for position in nlargest(limit, rows)]


def _listed(rows: Iterable[Document]) -> list[Listed]:
    return [Listed(int(row["position"]), product_of(row)) for row in rows]
