"""What the cart does when it hears news: keep snapshots up to date, drop offers that have changed, forget persons."""

from collections.abc import Sequence

import structlog

from renga.domains.cart.contract.events import ALL_FACTS, CartMerged
from renga.domains.cart.dependencies import CartDependencies
from renga.domains.cart.erase_customer import erase_customer
from renga.domains.cart.offers import OfferCache
from renga.domains.cart.take_snapshots import take_snapshots
from renga.domains.catalog.contract.events import PriceChanged, ProductArchived, ProductPublished, ProductUpdated
from renga.domains.identity.contract.events import AccountErased
from renga.kernel.events import Event
from renga.kernel.facts import FactInvalid, fact_of
from renga.platform.bus.port import Bus, Consumer
from renga.platform.bus.subscribing import Heard, subscribe, types_of

log = structlog.get_logger(__name__)

#: What tells that an offer is another now.
PRODUCT_NEWS = types_of(ProductUpdated, ProductPublished, ProductArchived, PriceChanged)
_PRODUCT = {fact.TYPE: fact for fact in (ProductUpdated, ProductPublished, ProductArchived)}
#: News whose snapshots are taken together: the more, the fewer the writes; the longer, the more a lost store loses.
SNAPSHOT_BATCH_MAX, SNAPSHOT_WAIT_MS = 500, 200
#: Persons in one call of the handler, which must end within its deadline.
ERASURE_BATCH_MAX = 10


def snapshot_consumer(dependencies: CartDependencies) -> Consumer:
    """Asks the store for each cart that news came of, and keeps what it says. News may come twice, late or in any order.

    One event per message is enough: what a message also says is of the same cart.
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
    """Forgets a person in her carts when her account is erased. The news may come twice, and before older news of her carts."""

    async def erase(news: Sequence[Heard[AccountErased]]) -> None:
        for heard in news:
            await erase_customer(dependencies, heard.fact.account_id)

    return subscribe(AccountErased, erase, name="cart.erasures", batch_max=ERASURE_BATCH_MAX)


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
