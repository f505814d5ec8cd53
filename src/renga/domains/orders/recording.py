"""Events of checkouts, as envelopes."""

import msgspec

from renga.domains.orders.contract.checkout_events import CheckoutClosed, CheckoutOpened
from renga.domains.orders.model.checkout_record import CheckoutRecord
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.events import Event
from renga.kernel.facts import Fact
from renga.kernel.ids import IdSource

SOURCE = "renga/orders"


def opened(record: CheckoutRecord, clock: Clock, new_id: IdSource) -> Event:
    fact = CheckoutOpened(checkout_id=record.id, cart_id=record.cart_id)
    return event_of(fact, record.id, record.version, clock, new_id)


def closed(record: CheckoutRecord, clock: Clock, new_id: IdSource) -> Event:
    """``record`` is as saved: expired or abandoned."""
    fact = CheckoutClosed(checkout_id=record.id, cart_id=record.cart_id, state=record.state)  # type: ignore[arg-type]
    return event_of(fact, record.id, record.version, clock, new_id)


def event_of(fact: Fact, subject: str, sequence: int, clock: Clock, new_id: IdSource) -> Event:
    """The fact as an event that happens now; ``sequence`` grows with each event of the subject."""
    return Event(
        id=new_id(), source=SOURCE, type=fact.TYPE, subject=subject, time=rfc3339(clock.now_ms()),
        data=msgspec.to_builtins(fact), sequence=sequence,
    )  # fmt: skip
