"""Events of checkouts. Routing keys are ``orders.<Event>``; the subject is the checkout."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from renga.kernel.facts import Fact

CheckoutId = Annotated[
    str,
    Meta(description="The checkout's id; also the event's subject.", examples=["019aa5d8-0002-7000-8000-000000000001"]),
]
CartId = Annotated[str, Meta(description="The cart's id.", examples=["019aa5d8-1f00-7000-8a55-3c1f0c2a1177"])]


class CheckoutFact(Fact, frozen=True, kw_only=True):
    """An event of a checkout. Its id stays with those who may know it: a guest's checkout is open to everyone who has it."""

    DOMAIN: ClassVar[str] = "orders"


class CheckoutOpened(CheckoutFact, frozen=True, kw_only=True):
    """A cart has a checkout now, also where nobody has asked for a quote yet."""

    checkout_id: CheckoutId
    cart_id: CartId


class CheckoutClosed(CheckoutFact, frozen=True, kw_only=True):
    """A checkout ended without an order."""

    checkout_id: CheckoutId
    cart_id: CartId
    state: Annotated[
        Literal["expired", "abandoned"],
        Meta(description="`expired`: nobody came back in time; `abandoned`: its cart ended.", examples=["expired"]),
    ]


#: Every event of checkouts.
CHECKOUT_EVENTS: tuple[type[Fact], ...] = (CheckoutOpened, CheckoutClosed)
