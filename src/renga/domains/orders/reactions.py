"""Event handlers of checkouts: carts that start one, carts that end, persons who are erased."""

from collections.abc import Sequence

from renga.domains.cart.contract.events import CartExpired, CartMerged, CheckoutStarted
from renga.domains.identity.contract.events import AccountErased
from renga.domains.orders.dependencies import CheckoutKeeping
from renga.domains.orders.hear_cart import hear_ended, hear_started
from renga.domains.orders.ports.checkouts import CheckoutStore
from renga.platform.bus.port import Consumer
from renga.platform.bus.subscribing import Heard, subscribe

#: Events per call of a handler, which must end within its deadline.
CARTS_BATCH_MAX, ERASURE_BATCH_MAX = 50, 10


def cart_consumers(dependencies: CheckoutKeeping) -> list[Consumer]:
    """Events may come twice, late and in any order."""

    async def started(news: Sequence[Heard[CheckoutStarted]]) -> None:
        for heard in news:
            await hear_started(dependencies, heard.event)

    async def ended(news: Sequence[Heard[CartExpired | CartMerged]]) -> None:
        for heard in news:
            fact = heard.fact
            await hear_ended(dependencies, fact.source_id if isinstance(fact, CartMerged) else heard.event.subject)

    return [
        subscribe(CheckoutStarted, started, name="orders.checkouts_started", batch_max=CARTS_BATCH_MAX),
        subscribe([CartExpired, CartMerged], ended, name="orders.carts_ended", batch_max=CARTS_BATCH_MAX),
    ]


def checkout_erasure_consumer(store: CheckoutStore) -> Consumer:
    """The event may come twice."""

    async def erase(news: Sequence[Heard[AccountErased]]) -> None:
        for heard in news:
            await store.erase(heard.fact.account_id)

    return subscribe(AccountErased, erase, name="orders.checkout_erasures", batch_max=ERASURE_BATCH_MAX)
