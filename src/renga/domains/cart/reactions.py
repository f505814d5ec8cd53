"""Event handlers of the cart: update snapshots, invalidate cached offers and stock, erase persons."""

import asyncio
from collections.abc import Sequence

import structlog

from renga.domains.cart.contract.events import ALL_FACTS, CartMerged
from renga.domains.cart.dependencies import CartDependencies
from renga.domains.cart.erase_customer import erase_customer
from renga.domains.cart.offers import OfferCache
from renga.domains.cart.stock import StockCache
from renga.domains.cart.take_snapshots import take_snapshots
from renga.domains.catalog.contract.events import PriceChanged, ProductArchived, ProductPublished, ProductUpdated
from renga.domains.identity.contract.events import AccountErased
from renga.domains.inventory.contract.events import ALL_FACTS as STOCK_EVENTS
from renga.domains.inventory.contract.events import skus_of as stock_skus_of
from renga.kernel.events import Event
from renga.kernel.facts import FactInvalid, fact_of
from renga.platform.bus.port import Bus, Consumer
from renga.platform.bus.subscribing import Heard, subscribe, types_of

log = structlog.get_logger(__name__)

#: Events that change an offer.
OFFER_EVENTS = types_of(ProductUpdated, ProductPublished, ProductArchived, PriceChanged)
_PRODUCT = {fact.TYPE: fact for fact in (ProductUpdated, ProductPublished, ProductArchived)}
#: Batch of events whose snapshots are taken together. Larger: fewer writes; longer wait: more lost with the store.
SNAPSHOT_BATCH_MAX, SNAPSHOT_WAIT_MS = 500, 200
#: What the inventory is asked at once after a product has changed may still be made from its old parts.
PARTS_AFTER_S = 0.8
#: Persons per call of the handler, which must end within its deadline.
ERASURE_BATCH_MAX = 10


def snapshot_consumer(dependencies: CartDependencies) -> Consumer:
    """Takes a snapshot of each cart that has an event. Events may come twice, late or in any order.

    One event per message is enough: derived events (``also``) concern the same cart.
    """

    async def keep(events: Sequence[Event]) -> None:
        merged = {fact_of(e, CartMerged).source_id: e.subject for e in events if e.type == CartMerged.TYPE}
        subjects = dict.fromkeys([*(event.subject for event in events), *merged])
        await take_snapshots(dependencies, list(subjects), merged)

    return Consumer(
        name="cart.snapshots",
        patterns=ALL_FACTS,
        handler=keep,
        also=False,
        batch_max=SNAPSHOT_BATCH_MAX,
        batch_wait_ms=SNAPSHOT_WAIT_MS,
    )


def erasure_consumer(dependencies: CartDependencies) -> Consumer:
    """Erases a person's carts when the account is erased. The event may come twice, and before older events of the carts."""

    async def erase(news: Sequence[Heard[AccountErased]]) -> None:
        for heard in news:
            await erase_customer(dependencies, heard.fact.account_id)

    return subscribe(AccountErased, erase, name="cart.erasures", batch_max=ERASURE_BATCH_MAX)


async def follow_catalog(bus: Bus, offers: OfferCache, stock: StockCache) -> None:
    """Drop cached offers as their products change, until cancelled. If events are missed, offers still expire (FRESH_MS).

    Their stock too, because a bundle's parts may be others now; once more when the inventory's catalogue has heard of it.
    """
    loop = asyncio.get_running_loop()
    async for event in bus.tail(OFFER_EVENTS):
        try:
            skus = _skus_of(event)
        except FactInvalid as error:  # its skus are unknown, so any offer may be stale
            log.warning("news_unreadable", event_id=event.id, error=error.detail)
            offers.clear()
            continue
        offers.drop(skus)
        if event.type != PriceChanged.TYPE:
            stock.drop(skus)
            loop.call_later(PARTS_AFTER_S, stock.drop, skus)


async def follow_inventory(bus: Bus, stock: StockCache) -> None:
    """Drop what is cached of a sku's stock as it changes, until cancelled. If events are missed, answers still expire."""
    async for event in bus.tail(STOCK_EVENTS):
        skus = stock_skus_of(event.data)
        if skus:
            stock.drop(skus)
        else:  # an event of a later version, or one that cannot be read: any answer may be stale
            stock.clear()


def _skus_of(event: Event) -> tuple[str, ...]:
    """The skus of a catalogue event. Raises FactInvalid."""
    if event.type == PriceChanged.TYPE:
        return (fact_of(event, PriceChanged).sku,)
    return fact_of(event, _PRODUCT[event.type]).skus
