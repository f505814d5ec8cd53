"""Events of orders. Routing keys are ``orders.<Event>``; the subject is the order. Amounts are minor units."""

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from renga.domains.orders.contract.orders import CancelReason
from renga.kernel.facts import Fact

OrderNumber = Annotated[str, Meta(description="The number that people use.", examples=["K7QF-2M9X"])]
Total = Annotated[int, Meta(description="Minor units.", examples=[11990])]
Currency = Annotated[str, Meta(description="ISO 4217.", examples=["BRL"])]
Customer = Annotated[str | None, Meta(description="The account; null: a guest.")]


class OrderedLine(Struct, frozen=True, kw_only=True):
    """What was bought; ``quantity_milli`` is in thousandths of a unit."""

    line: str
    sku: str
    merchant: str
    quantity_milli: int
    total: int


class OrderFact(Fact, frozen=True, kw_only=True):
    """An event of an order. No event has the buyer's address or e-mail: who may know them reads the order."""

    DOMAIN: ClassVar[str] = "orders"


class OrderPlaced(OrderFact, frozen=True, kw_only=True):
    """Somebody has bought; the money may still have to come."""

    order_id: Annotated[
        str, Meta(description="The order's id; also the subject.", examples=["019aa5d8-0006-7000-8000-000000000001"])
    ]
    number: OrderNumber
    checkout_id: str
    cart_id: str
    customer: Customer
    currency: Currency
    total: Total
    lines: tuple[OrderedLine, ...]
    awaits_payment: Annotated[bool, Meta(description="Whether the buyer still has to pay (Pix, boleto).")]


class OrderPaid(OrderFact, frozen=True, kw_only=True):
    """All of it is paid: it may be fulfilled."""

    order_id: str
    number: OrderNumber
    customer: Customer
    currency: Currency
    total: Total


class OrderHeldForReview(OrderFact, frozen=True, kw_only=True):
    """The payment is authorised, and a person must look at it first."""

    order_id: str
    number: OrderNumber


class OrderCancelled(OrderFact, frozen=True, kw_only=True):
    """It will not be delivered; what was paid is given back."""

    order_id: str
    number: OrderNumber
    customer: Customer
    reason: Annotated[CancelReason, Meta(description="Why.", examples=["payment_expired"])]


class OrderRevived(OrderFact, frozen=True, kw_only=True):
    """The money came after its time, the goods were still there: the order is paid after all."""

    order_id: str
    number: OrderNumber


#: Every event of orders.
ORDER_EVENTS: tuple[type[Fact], ...] = (OrderPlaced, OrderPaid, OrderHeldForReview, OrderCancelled, OrderRevived)
