"""The cart on given engines, with a catalogue in memory; and what a worker does, in this process."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from renga.domains.cart.contract import ANY_CART, NewLine, Write
from renga.domains.cart.opening import CartModule
from renga.domains.cart.ports import Deadlines
from renga.domains.cart.settings import CartSettings
from renga.domains.cart.stores.redis import RedisCartStore
from renga.domains.catalog.contract import (
    DEFAULT_CHANNEL,
    Category,
    Collection,
    Offer,
    Product,
    ProductPage,
    ProductType,
)
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.clock import Clock, SystemClock
from renga.kernel.errors import Unavailable
from renga.kernel.events import Event
from renga.kernel.ids import id_source
from renga.platform.bus.factory import make_bus
from renga.platform.bus.port import Bus, Consumer
from renga.platform.outbox.port import Pending
from renga.platform.outbox.relay import Relay
from renga.platform.postgres.pool import open_pool
from renga.platform.redis.client import HotRedis
from tests.platform.outbox_tools import Holding

SHARDS = 16
PAGE = 200_000
NOT_ASKED = "the cart asks for offers only"
GUEST = Write(whole=False)
SERVICE = Caller.of_system("tests", ANY_CART)


def price_of(sku: str) -> int:
    """What a sku costs, in centavos."""
    return 1_000 + sum(sku.encode())


class Shelf:
    """A catalogue that has every sku."""

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        return {sku: self._offer(sku) for sku in skus}

    @staticmethod
    def _offer(sku: str) -> Offer:
        prices = {"BRL": price_of(sku), "USD": price_of(sku) // 5}
        title = {"pt-BR": f"Título de {sku}", "en": f"Title of {sku}"}
        return Offer(sku=sku, slug=sku, title=title, prices=prices, image=None, product_version=1)

    async def products(
        self,
        *,
        limit: int = 20,
        cursor: str | None = None,
        category: str | None = None,
        collection: str | None = None,
        channel: str = DEFAULT_CHANNEL,
    ) -> ProductPage:
        return ProductPage(items=(), next=None)

    async def product(self, slug: str, *, channel: str = DEFAULT_CHANNEL) -> Product:
        raise AssertionError(NOT_ASKED)

    async def products_by_id(self, ids: Sequence[str]) -> dict[str, Product]:
        raise AssertionError(NOT_ASKED)

    async def products_by_sku(self, skus: Sequence[str]) -> dict[str, Product]:
        raise AssertionError(NOT_ASKED)

    async def products_by_slug(self, slugs: Sequence[str]) -> dict[str, Product]:
        raise AssertionError(NOT_ASKED)

    async def scan(self, *, after: int = 0, limit: int = 500) -> tuple[Sequence[Product], int | None]:
        raise AssertionError(NOT_ASKED)

    async def categories(self) -> tuple[Category, ...]:
        return ()

    async def collections(self) -> tuple[Collection, ...]:
        raise AssertionError(NOT_ASKED)

    async def collection(self, slug: str) -> Collection:
        raise AssertionError(NOT_ASKED)

    async def product_types(self) -> tuple[ProductType, ...]:
        raise AssertionError(NOT_ASKED)


@asynccontextmanager
async def open_cart(
    redis_url: str, database_url: str, *, store_clock: Clock | None = None, **settings: Any
) -> AsyncIterator[CartModule]:
    """The rooms of the cart; ``settings`` as in CartSettings."""
    clock = SystemClock()
    pool = await open_pool(database_url)
    redis = HotRedis(redis_url)
    rooms = CartModule(
        CartSettings(**({"shards": SHARDS} | settings)),
        redis=redis,
        pool=pool,
        catalog=Shelf(),
        clock=clock,
        new_id=id_source(clock),
        secret=b"a secret of the tests",
        store_clock=store_clock,
    )
    try:
        yield rooms
    finally:
        await redis.close()
        await pool.close()


class Hearing:
    """A consumer that remembers what it heard, in order, one event per message; what came twice is kept once."""

    def __init__(self, name: str = "test.hearing") -> None:
        self.events: dict[str, Event] = {}
        self.consumer = Consumer(name=name, patterns=("cart.*",), handler=self._hear, also=False, batch_max=500)

    async def _hear(self, events: Sequence[Event]) -> None:
        for event in events:
            self.events.setdefault(event.id, event)

    def of(self, cart_id: str) -> list[tuple[int, str]]:
        """Sequence and name of a cart's events as they came."""
        return [(e.sequence, e.name) for e in self.events.values() if e.subject == cart_id]

    def sequences(self) -> dict[str, list[int]]:
        """Sequences by cart, as they came."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for event in self.events.values():
            found[event.subject].append(event.sequence)
        return found

    def count(self, name: str) -> Counter[str]:
        """How often each cart had this event."""
        return Counter(event.subject for event in self.events.values() if event.name == name)


@asynccontextmanager
async def working(rooms: CartModule, bus_url: str, *consumers: Consumer) -> AsyncIterator[Bus]:
    """Relay, sweep, reconcile and keep snapshots, as a worker does, until the block ends."""
    bus = make_bus(bus_url)
    await bus.start()
    holding = Holding(*rooms.outboxes())
    everyone = [*rooms.consumers(), *consumers]
    for consumer in everyone:
        await bus.declare(consumer)
    tasks = [
        asyncio.create_task(work)
        for work in (
            Relay(rooms.outboxes(), bus, holding).run(),
            *rooms.jobs(holding.held),
            *(bus.consume(consumer) for consumer in everyone),
        )
    ]
    try:
        yield bus
        for task in tasks:
            assert not task.done(), task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await bus.close()


def deadlines_of(rooms: CartModule) -> Deadlines:
    """The store's deadline index: the store itself implements it."""
    store = rooms.dependencies.store
    assert isinstance(store, RedisCartStore)
    return store


async def waiting(rooms: CartModule) -> list[Event]:
    """Every event that waits in the outboxes, by shard."""
    found: list[Sequence[Pending]] = await asyncio.gather(*(box.read(PAGE) for box in rooms.outboxes().values()))
    return [pending.event for batch in found for pending in batch]


async def create(rooms: CartModule, **write: Any) -> str:
    change = await rooms.carts.create(ANONYMOUS, "BRL", write=Write(whole=False, **write))
    return change.cart_id


async def add(rooms: CartModule, cart_id: str, sku: str, key: str | None = None, quantity: int = 1) -> int:
    """Add to a cart as a guest; the version it made."""
    write = Write(whole=False, key=key)
    return (await rooms.carts.add_line(ANONYMOUS, cart_id, NewLine(sku=sku, quantity=quantity), write)).version


async def add_until_answered(rooms: CartModule, cart_id: str, sku: str, key: str, *, tries_max: int = 60) -> int:
    """Add with a key, again and again while the store is away; how many tries it took."""
    for tried in range(1, tries_max + 1):
        try:
            await add(rooms, cart_id, sku, key)
        except Unavailable:
            await asyncio.sleep(0.05)
        else:
            return tried
    raise AssertionError(f"no answer after {tries_max} tries")


async def quantities(rooms: CartModule, cart_id: str) -> dict[str, int]:
    """Quantity by sku."""
    cart = await rooms.carts.read(Caller.of_system("tests", ANY_CART), cart_id)
    return {line.sku: line.quantity for line in cart.lines}


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def ports_of(url: str) -> list[int]:
    """The port of every server that a URL names."""
    return [port_of(one) for one in url.partition("://")[2].split(",")]


async def in_batches(work: Iterable[Any], size: int = 2_000) -> list[Any]:
    """Await many coroutines, ``size`` at a time."""
    results, batch = [], []
    for one in work:
        batch.append(one)
        if len(batch) == size:
            results += await asyncio.gather(*batch)
            batch = []
    return results + await asyncio.gather(*batch)
