"""What the cart does when it hears news: keep snapshots up to date, drop offers that have changed."""

from collections.abc import Sequence

import structlog

from renga.domains.cart.contract.events import ALL_FACTS, CartMerged
from renga.domains.cart.offers import OfferCache
from renga.domains.cart.ports import Recovery, Snapshots
from renga.domains.cart.take_snapshots import take_snapshots
from renga.domains.catalog.contract.events import PriceChanged, ProductArchived, ProductPublished, ProductUpdated
from renga.kernel.events import Event
from renga.kernel.facts import FactInvalid, fact_of
from renga.platform.bus.port import Bus, Consumer
from renga.platform.bus.subscribing import types_of

log = structlog.get_logger(__name__)

#: What tells that an offer is another now.
PRODUCT_NEWS = types_of(ProductUpdated, ProductPublished, ProductArchived, PriceChanged)
_PRODUCT = {fact.TYPE: fact for fact in (ProductUpdated, ProductPublished, ProductArchived)}
#: News whose snapshots are taken together: the more, the fewer the writes; the longer, the more a lost store loses.
SNAPSHOT_BATCH_MAX, SNAPSHOT_WAIT_MS = 500, 200


def snapshot_consumer(recovery: Recovery, snapshots: Snapshots) -> Consumer:
    """Asks the store for each cart that news came of, and keeps what it says. News may come twice, late or in any order."""

    async def keep(events: Sequence[Event]) -> None:
        merged = {fact_of(e, CartMerged).source_id: e.subject for e in events if e.type == CartMerged.TYPE}
        subjects = dict.fromkeys([*(event.subject for event in events), *merged])
        await take_snapshots(recovery, snapshots, list(subjects), merged)

    return Consumer(
        name="cart.snapshots",
        patterns=ALL_FACTS,
        handler=keep,
        batch_max=SNAPSHOT_BATCH_MAX,
        batch_wait_ms=SNAPSHOT_WAIT_MS,
    )


async def follow_catalog(bus: Bus, offers: OfferCache) -> None:
    """Drop cached offers as their products change, until cancelled. What is missed is healed by the cache's own freshness."""
    async for event in bus.tail(PRODUCT_NEWS):
        try:
            offers.drop(_skus_of(event))
        except FactInvalid as error:  # what it speaks of is unknown: no offer is sure to be right
            log.warning("news_unreadable", event_id=event.id, error=error.detail)
            offers.clear()


def _skus_of(event: Event) -> tuple[str, ...]:
    """The variants that a fact of the catalogue speaks of. Raises FactInvalid."""
    if event.type == PriceChanged.TYPE:
        return (fact_of(event, PriceChanged).sku,)
    return fact_of(event, _PRODUCT[event.type]).skus
