"""Events of orders. Routing keys are ``orders.<Event>``; the subject is the order. Amounts are minor units."""

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from renga.domains.orders.contract.orders import CancelReason
from renga.kernel.facts import Fact

OrderId = Annotated[
    str, Meta(description="The order's id; also the subject.", examples=["019aa5d8-0006-7000-8000-000000000001"])
]
OrderNumber = Annotated[str, Meta(description="The number that people use.", examples=["K7QF-2M9X"])]
Total = Annotated[int, Meta(description="Minor units.", examples=[11990])]
Currency = Annotated[str, Meta(description="ISO 4217.", examples=["BRL"])]
Customer = Annotated[str | None, Meta(description="The account; null: a guest.")]


class OrderedLine(Struct, frozen=True, kw_only=True):
    """What was bought; ``quantity_milli`` is in thousandths of a unit."""

    line: Annotated[str, Meta(description="The line of the cart.", examples=["l1"])]
    sku: Annotated[str, Meta(description="The sku.", examples=["MUG-BLUE"])]
    merchant: Annotated[str, Meta(description="Who sells it.", examples=["house"])]
    quantity_milli: Annotated[int, Meta(description="Thousandths of a unit.", examples=[1000])]
    total: Annotated[int, Meta(description="Minor units.", examples=[4990])]


class OrderFact(Fact, frozen=True, kw_only=True):
    """An event of an order. No event has the buyer's address or e-mail: who may know them reads the order."""

    DOMAIN: ClassVar[str] = "orders"


class OrderPlaced(OrderFact, frozen=True, kw_only=True):
    """Somebody has bought; the money may still have to come."""

    order_id: OrderId
    number: OrderNumber
    checkout_id: Annotated[
        str, Meta(description="The checkout it was placed from.", examples=["019aa5d8-0002-7000-8000-000000000001"])
    ]
    cart_id: Annotated[
        str, Meta(description="The cart it was placed from.", examples=["0193a7c2-77aa-7bcd-8f00-1a2b3c4d5e6f"])
    ]
    customer: Customer
    currency: Currency
    total: Total
    lines: Annotated[
        tuple[OrderedLine, ...],
        Meta(
            description="What was bought.",
            examples=[[{"line": "l1", "sku": "MUG-BLUE", "merchant": "house", "quantity_milli": 1000, "total": 4990}]],
        ),
    ]
    awaits_payment: Annotated[bool, Meta(description="Whether the buyer still has to pay (Pix, boleto).")]


class OrderPaid(OrderFact, frozen=True, kw_only=True):
    """All of it is paid: it may be fulfilled."""

    order_id: OrderId
    number: OrderNumber
    customer: Customer
    currency: Currency
    total: Total


class OrderHeldForReview(OrderFact, frozen=True, kw_only=True):
    """The payment is authorised, and a person must look at it first."""

    order_id: OrderId
    number: OrderNumber


class OrderCancelled(OrderFact, frozen=True, kw_only=True):
    """It will not be delivered; what was paid is given back."""

    order_id: OrderId
    number: OrderNumber
    customer: Customer
    reason: Annotated[CancelReason, Meta(description="Why.", examples=["payment_expired"])]


class OrderRevived(OrderFact, frozen=True, kw_only=True):
    """The money came after its time, the goods were still there: the order is paid after all."""

    order_id: OrderId
    number: OrderNumber


#: Every event of orders.
ORDER_EVENTS: tuple[type[Fact], ...] = (OrderPlaced, OrderPaid, OrderHeldForReview, OrderCancelled, OrderRevived)
