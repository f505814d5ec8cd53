"""Every store of the catalogue that this machine has, for the contract suite: a later store is one more entry of ``OPENERS``."""

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

import msgspec
import pytest

from renga.domains.catalog.contract import Category, Collection, Product, ProductType, Rule, Variant
from renga.domains.catalog.model import ProductWrite
from renga.domains.catalog.ports import Listed, ProductStore, TaxonomyStore
from renga.domains.catalog.stores.mongo import MongoCatalogue, MongoDeadlines, MongoOutbox, MongoProducts, MongoTaxonomy
from renga.domains.catalog.stores.mongo.layout import ensure_indexes
from renga.domains.catalog.stores.postgres import PostgresProducts, PostgresTaxonomy
from renga.kernel.clock import SystemClock
from renga.kernel.events import Event
from renga.kernel.ids import uuid7
from renga.platform.mongo.client import ask_server, close_client, database_of, open_client
from renga.platform.outbox.port import Outbox
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.postgres.pool import open_pool
from tests.engines.registry import Registry

MOMENT = "2026-11-22T16:00:00.000Z"
NOW_MS = 1_795_363_200_000


class Lab:
    """A catalogue under test; ``atomic``: a batch of products is written as one step."""

    def __init__(self, products: ProductStore, taxonomy: TaxonomyStore, outbox: Outbox, *, atomic: bool) -> None:
        self.products, self.taxonomy, self.outbox, self.atomic = products, taxonomy, outbox, atomic
        self._ids = 0

    def new_id(self) -> str:
        self._ids += 1
        return uuid7(NOW_MS, self._ids)

    def product(self, slug: str, *skus: str, **more: Any) -> Product:
        """A new product that is sold everywhere, with a variant per sku (one named after the slug if none is named)."""
        variants = tuple(Variant(sku=sku, prices={"BRL": 1_000}) for sku in skus or (slug.upper(),))
        fields = {"title": {"en": slug}, "variants": variants, "created_at": MOMENT, "updated_at": MOMENT} | more
        return Product(id=self.new_id(), slug=slug, version=1, **fields)

    def change(self, product: Product, *names: str, taxonomy: dict[str, dict[str, str]] | None = None) -> ProductWrite:
        """The change to this state, with an event per name."""
        events = tuple(self.event(product.id, product.version, name) for name in names or ("ProductUpdated",))
        return ProductWrite(product=product, events=events, taxonomy=taxonomy or {})

    def event(self, subject: str, version: int, name: str = "Changed") -> Event:
        return Event(
            id=self.new_id(),
            source="renga/catalog",
            type=f"catalog.{name}",
            subject=subject,
            time=MOMENT,
            data={"subject": subject, "ação": [1, 2.5, None, True]},
            sequence=version,
        )

    async def write(self, *products: Product) -> None:
        await self.products.write([self.change(product) for product in products])

    async def put_category(self, slug: str, version: int = 1, **more: Any) -> Category:
        category = Category(slug=slug, title={"en": slug}, version=version, **more)
        await self.taxonomy.put_category(category, self.event(slug, version))
        return category

    async def put_collection(self, slug: str, version: int = 1, *, rule: Rule | None = None, **more: Any) -> Collection:
        collection = Collection(slug=slug, title={"en": slug}, version=version, rule=rule, **more)
        await self.taxonomy.put_collection(collection, self.event(slug, version))
        return collection

    async def put_type(self, code: str, version: int = 1, **more: Any) -> ProductType:
        product_type = ProductType(code=code, title={"en": code}, version=version, **more)
        await self.taxonomy.put_product_type(product_type, self.event(code, version))
        return product_type

    async def page(self, *, channel: str = "web", **more: Any) -> list[str]:
        """The slugs of a page."""
        return slugs(await self.products.page(**{"limit": 100, "before": None} | more, channel=channel))

    async def members(
        self, slug: str, *, channel: str = "web", limit: int = 100, before: int | None = None
    ) -> list[str]:
        return slugs(await self.taxonomy.members(slug, limit=limit, before=before, channel=channel))

    async def events(self) -> list[tuple[str, str, int]]:
        """Name, subject and sequence of all that waits in the outbox, oldest first."""
        waiting = await self.outbox.read(10_000)
        return [(pending.event.name, pending.event.subject, pending.event.sequence) for pending in waiting]

    async def forget_events(self) -> None:
        await self.outbox.trim([pending.position for pending in await self.outbox.read(10_000)])

    async def picture(self) -> Any:
        """All there is to know: what must be the same after a refusal."""
        return (
            await self.products.scan(after=0, limit=10_000),
            await self.taxonomy.categories(),
            [await self.taxonomy.collection(one.slug) for one in await self.taxonomy.collections()],
            await self.taxonomy.product_types(),
            await self.products.import_mark(),
            [pending.event for pending in await self.outbox.read(10_000)],
        )


def slugs(listed: Sequence[Listed]) -> list[str]:
    return [entry.product.slug for entry in listed]


def following(product: Product, **changed: Any) -> Product:
    """The next version of a product."""
    return msgspec.structs.replace(product, version=product.version + 1, **changed)


@asynccontextmanager
async def postgres_lab(url: str) -> AsyncIterator[Lab]:
    pool = await open_pool(url)
    try:
        yield Lab(PostgresProducts(pool), PostgresTaxonomy(pool), PostgresOutbox(pool, "catalog"), atomic=True)
    finally:
        await pool.close()


@asynccontextmanager
async def mongo_lab(
    url: str, *, transactions: bool, deadlines: MongoDeadlines | None = None, private: bool = False, away: bool = False
) -> AsyncIterator[Lab]:
    """On a database of the test's own, dropped afterwards unless the server itself is ``private``, or ``away`` from the start."""
    client = open_client(url)
    database = database_of(client, f"test_{secrets.token_hex(6)}")
    try:
        if not away:
            if transactions and not (await ask_server(client)).transactions:
                pytest.skip("this server has no transactions")
            await ensure_indexes(database)
        catalogue = MongoCatalogue(
            client, database, transactions=transactions, clock=SystemClock(), deadlines=deadlines
        )
        yield Lab(MongoProducts(catalogue), MongoTaxonomy(catalogue), MongoOutbox(catalogue), atomic=transactions)
    finally:
        if not (private or away):
            await client.drop_database(database.name)
        await close_client(client)


Opened = Callable[[], AbstractAsyncContextManager[Lab]]


def _postgres(engines: Registry, request: pytest.FixtureRequest) -> Opened:
    return partial(postgres_lab, request.getfixturevalue("database_url"))


def _mongo(name: str, transactions: bool, engines: Registry, request: pytest.FixtureRequest) -> Opened:
    url = engines.shared(name, request.node.nodeid).url
    return partial(mongo_lab, url, transactions=transactions)


#: (engines, the test's request) → how to open a Lab; skips the test where the engine is missing.
OPENERS: dict[str, Callable[[Registry, pytest.FixtureRequest], Opened]] = {
    "postgres": _postgres,
    "secantusdb": partial(_mongo, "secantusdb", True),
    "secantusdb-standalone": partial(_mongo, "secantusdb", False),
    "mongodb": partial(_mongo, "mongodb", True),
    "mongodb-standalone": partial(_mongo, "mongodb", False),
}
