"""Event handlers of checkouts: carts that start one, carts that end, persons who are erased."""

from collections.abc import Sequence

from renga.domains.cart.contract.events import CartExpired, CartMerged, CheckoutStarted
from renga.domains.identity.contract.events import AccountErased
from renga.domains.orders.contract.order_events import OrderCancelled
from renga.domains.orders.dependencies import CheckoutKeeping
from renga.domains.orders.hear_cart import hear_ended, hear_started
from renga.domains.orders.hear_payments import hear_cancelled, hear_payment
from renga.domains.orders.placing_services import PlacingServices
from renga.domains.orders.ports.checkouts import CheckoutStore
from renga.domains.orders.ports.placing import Placings
from renga.domains.payments.contract.events import (
    PaymentAuthorised,
    PaymentCaptured,
    PaymentDeclined,
    PaymentExpired,
    PaymentFact,
    PaymentPending,
    PaymentRefunded,
    PaymentVoided,
)
from renga.platform.bus.port import Consumer
from renga.platform.bus.subscribing import Heard, subscribe

#: Events per call of a handler, which must end within its deadline.
CARTS_BATCH_MAX, ERASURE_BATCH_MAX, PAYMENTS_BATCH_MAX = 50, 10, 5
#: What an order or an attempt may have to go on with.
PAYMENT_NEWS = (
    PaymentAuthorised, PaymentCaptured, PaymentDeclined, PaymentExpired, PaymentVoided, PaymentPending, PaymentRefunded,
)  # fmt: skip


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


def payment_consumer(services: PlacingServices, placings: Placings) -> Consumer:
    """Events may come twice, late and in any order: each is only the reason to read the payment."""

    async def heard_news(news: Sequence[Heard[PaymentFact]]) -> None:
        for heard in news:
            await hear_payment(services, placings, heard.fact, heard.event.id)

    return subscribe(PAYMENT_NEWS, heard_news, name="orders.payments", batch_max=PAYMENTS_BATCH_MAX)


def cancelled_consumer(services: PlacingServices) -> Consumer:
    """Whoever cancelled an order may have died before goods and money were given back."""

    async def close(news: Sequence[Heard[OrderCancelled]]) -> None:
        for heard in news:
            await hear_cancelled(services, heard.event.subject)

    return subscribe(OrderCancelled, close, name="orders.cancelled", batch_max=PAYMENTS_BATCH_MAX)
