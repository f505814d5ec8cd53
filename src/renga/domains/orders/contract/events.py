"""Every event of orders: those of checkouts and those of orders."""

from renga.domains.orders.contract.checkout_events import CHECKOUT_EVENTS
from renga.domains.orders.contract.order_events import ORDER_EVENTS
from renga.kernel.facts import Fact

#: Every fact that this domain publishes.
EVENTS: tuple[type[Fact], ...] = (*CHECKOUT_EVENTS, *ORDER_EVENTS)
