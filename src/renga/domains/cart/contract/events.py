"""Facts of the cart. Routing keys are ``cart.<Event>``; the subject is the cart's id, the sequence its version."""

from typing import Annotated, ClassVar

from msgspec import Meta

from renga.kernel.facts import AlsoSays, Fact

CartId = Annotated[
    str, Meta(description="The cart's id; also the event's subject.", examples=["019aa5d8-6a3c-7cc1-9d0e-5b4f1f0c2a11"])
]
Version = Annotated[int, Meta(description="The cart's version after the change.", examples=[7])]
Currency = Annotated[str, Meta(description="ISO 4217.", examples=["BRL"])]
Line = Annotated[str, Meta(description="The id of the line in its cart.", examples=["c3f0a1"])]
Sku = Annotated[str, Meta(description="What is in the line.", examples=["COFFEE-250"])]
Lines = Annotated[int, Meta(description="How many lines the cart holds.", examples=[3])]


class CartFact(Fact, frozen=True, kw_only=True):
    """A fact of this domain."""

    DOMAIN: ClassVar[str] = "cart"


class CartCreated(CartFact, frozen=True, kw_only=True):
    """There is a new cart, without lines."""

    cart_id: CartId
    version: Version
    currency: Currency


class CartUpdated(CartFact, frozen=True, kw_only=True):
    """The contents or terms of the cart have changed: said once after every such change, whatever its own event is.

    ``change`` is quantity, replaced, cleared, saved, restored, saved_removed, coupon_applied, coupon_removed, note, claimed,
    merged_away (the cart is gone, its lines are in another) or erased (the person behind its owner is forgotten); these have
    no other event. After one that has it is added, removed, merged or completed; its id is then that event's with
    ``:updated``, and one message tells both. ``line`` is the line that it touched, if one.
    """

    cart_id: CartId
    version: Version
    change: Annotated[str, Meta(description="What has changed.", examples=["quantity"])]
    line: Annotated[
        str | None, Meta(description="The id of the line that it touched, if one.", examples=["c3f0a1"])
    ] = None


def _updated(change: str) -> AlsoSays:
    return AlsoSays(fact=CartUpdated, suffix="updated", constants={"change": change})


class ItemAddedToCart(CartFact, frozen=True, kw_only=True):
    """``quantity`` was added to the line, which now holds ``line_quantity`` at ``unit_price`` minor units each."""

    ALSO: ClassVar[AlsoSays | None] = _updated("added")

    cart_id: CartId
    version: Version
    line: Line
    sku: Sku
    quantity: Annotated[int, Meta(description="How many were added.", examples=[1])]
    line_quantity: Annotated[int, Meta(description="How many the line holds now.", examples=[2])]
    unit_price: Annotated[int, Meta(description="The price of one, in minor units.", examples=[3990])]
    currency: Currency


class ItemRemovedFromCart(CartFact, frozen=True, kw_only=True):
    """The line is gone; it held ``quantity``."""

    ALSO: ClassVar[AlsoSays | None] = _updated("removed")

    cart_id: CartId
    version: Version
    line: Line
    sku: Sku
    quantity: Annotated[int, Meta(description="How many the line held.", examples=[2])]


class CartMerged(CartFact, frozen=True, kw_only=True):
    """The lines of ``source_id`` are now in this cart; the source is gone."""

    ALSO: ClassVar[AlsoSays | None] = _updated("merged")

    cart_id: CartId
    version: Version
    source_id: Annotated[
        str, Meta(description="The id of the cart that is gone.", examples=["019aa5d8-1f00-7000-8a55-3c1f0c2a1177"])
    ]


class CheckoutStarted(CartFact, frozen=True, kw_only=True):
    """The buyer has begun to order what is in the cart."""

    cart_id: CartId
    version: Version


class CartCompleted(CartFact, frozen=True, kw_only=True):
    """What was ordered has left the cart; ``remaining`` lines stayed (0: the cart is closed for good)."""

    ALSO: ClassVar[AlsoSays | None] = _updated("completed")

    cart_id: CartId
    version: Version
    remaining: Annotated[int, Meta(description="How many lines stayed.", examples=[0])]


class CartAbandoned(CartFact, frozen=True, kw_only=True):
    """A cart with lines has been idle past the threshold; once per idle spell. ``lines`` is how many it holds."""

    cart_id: CartId
    version: Version
    lines: Lines


class CartExpired(CartFact, frozen=True, kw_only=True):
    """The cart's life is over. Exactly once; never for a cart that a write revived in time."""

    cart_id: CartId
    version: Version
    lines: Lines


#: Every fact that this domain tells.
EVENTS: tuple[type[Fact], ...] = (
    CartCreated,
    ItemAddedToCart,
    ItemRemovedFromCart,
    CartUpdated,
    CartMerged,
    CheckoutStarted,
    CartCompleted,
    CartAbandoned,
    CartExpired,
)

#: The routing keys of all of them, those of later versions too.
ALL_FACTS = (f"{CartFact.DOMAIN}.*",)
