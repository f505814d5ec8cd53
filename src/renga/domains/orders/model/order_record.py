"""An order as it is kept: a snapshot that never changes, and a standing that does."""

import msgspec

from renga.domains.orders.contract.orders import (
    CancelReason,
    FulfilmentState,
    OrderPart,
    OrderPayment,
    OrderPaymentState,
    OrderState,
    merchants_of,
)
from renga.domains.orders.model.order_parts import parts_of
from renga.domains.orders.model.placing import Placing


class OrderStanding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What changes of an order beside its state. ``parts``: the state of each part, in order.

    ``hold_key``  of the reservation and the redemption that the order has; ``hold_s`` was their time
    ``payment_version``  of the payment as it was read last: news are heard in any order, and nobody goes back to an older one
    ``late``      what was decided about money that came late; once decided it stays so
    """

    payment_state: OrderPaymentState
    payment: OrderPayment
    parts: tuple[FulfilmentState, ...]
    hold_key: str
    cancel_reason: CancelReason | None = None
    late: str | None = None
    payment_version: int = 0
    events: int = 0
    adjustments: int = 0


class OrderRecord(msgspec.Struct, frozen=True, kw_only=True):
    """``version`` grows with each change; times are Unix milliseconds. ``placing`` is the snapshot."""

    id: str
    number: str
    checkout_id: str
    cart_id: str
    customer: str | None
    state: OrderState
    version: int
    created_ms: int
    changed_ms: int
    standing: OrderStanding
    placing: Placing

    @property
    def parts(self) -> tuple[OrderPart, ...]:
        """With the state of each."""
        parts = parts_of(self.placing.quote.quote)
        states = self.standing.parts
        return tuple(
            msgspec.structs.replace(part, fulfilment_state=state) for part, state in zip(parts, states, strict=True)
        )

    @property
    def merchants(self) -> tuple[str, ...]:
        return merchants_of(parts_of(self.placing.quote.quote))


class OrderNote(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the order's own list, as kept."""

    type: str
    at_ms: int
    data: dict[str, object] = {}


class KeptAdjustment(msgspec.Struct, frozen=True, kw_only=True):
    """A change of what is owed, as kept; signed minor units."""

    kind: str
    amount: int
    reason: str
    at_ms: int
