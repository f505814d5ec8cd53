"""The cart's events. Routing keys are ``cart.<Event>``; the subject is the cart's id, the sequence its version."""

from typing import Annotated, ClassVar

from msgspec import Meta

from renga.kernel.facts import AlsoSays, Fact

CartId = Annotated[
    str, Meta(description="The cart's id; also the event's subject.", examples=["019aa5d8-6a3c-7cc1-9d0e-5b4f1f0c2a11"])
]
Version = Annotated[int, Meta(description="The cart's version after the change.", examples=[7])]
Currency = Annotated[str, Meta(description="ISO 4217.", examples=["BRL"])]
Line = Annotated[str, Meta(description="The id of the line in its cart.", examples=["c3f0a1"])]
Sku = Annotated[str, Meta(description="The line's sku.", examples=["COFFEE-250"])]
Lines = Annotated[int, Meta(description="Number of lines in the cart.", examples=[3])]


class CartFact(Fact, frozen=True, kw_only=True):
    """An event of this domain."""

    DOMAIN: ClassVar[str] = "cart"


class CartCreated(CartFact, frozen=True, kw_only=True):
    """An empty cart was created."""

    cart_id: CartId
    version: Version
    currency: Currency


class CartUpdated(CartFact, frozen=True, kw_only=True):
    """The contents or terms of the cart changed. Sent once after every such change, in addition to its specific event if any.

    ``change`` is quantity, terms, replaced, cleared, saved, restored, saved_removed, coupon_applied, coupon_removed, note,
    claimed, merged_away (this cart no longer exists, its lines are in another) or erased (the owner's personal data was removed);
    these have no specific event. After ItemAddedToCart, ItemRemovedFromCart, CartMerged and CartCompleted it is added,
    removed, merged or completed: the id is then the specific event's id + ``:updated``, and one message carries both.
    ``line`` is the changed line, if there is one.
    """

    cart_id: CartId
    version: Version
    change: Annotated[str, Meta(description="The kind of change.", examples=["quantity"])]
    line: Annotated[
        str | None, Meta(description="The id of the changed line, if there is one.", examples=["c3f0a1"])
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
    quantity: Annotated[int, Meta(description="The quantity added.", examples=[1])]
    line_quantity: Annotated[int, Meta(description="The line's quantity after the change.", examples=[2])]
    unit_price: Annotated[int, Meta(description="The price of one unit, in minor units.", examples=[3990])]
    currency: Currency


class ItemRemovedFromCart(CartFact, frozen=True, kw_only=True):
    """The line was removed; its quantity was ``quantity``."""

    ALSO: ClassVar[AlsoSays | None] = _updated("removed")

    cart_id: CartId
    version: Version
    line: Line
    sku: Sku
    quantity: Annotated[int, Meta(description="The line's quantity before it was removed.", examples=[2])]


class CartMerged(CartFact, frozen=True, kw_only=True):
    """The lines of ``source_id`` were moved to this cart; the source no longer exists."""

    ALSO: ClassVar[AlsoSays | None] = _updated("merged")

    cart_id: CartId
    version: Version
    source_id: Annotated[
        str, Meta(description="The id of the merged cart.", examples=["019aa5d8-1f00-7000-8a55-3c1f0c2a1177"])
    ]


class CheckoutStarted(CartFact, frozen=True, kw_only=True):
    """The buyer has started the checkout of this cart."""

    cart_id: CartId
    version: Version


class CartCompleted(CartFact, frozen=True, kw_only=True):
    """The ordered quantities were subtracted; ``remaining`` lines are left. Without any, and without saved ones, the cart is
    closed for good.
    """

    ALSO: ClassVar[AlsoSays | None] = _updated("completed")

    cart_id: CartId
    version: Version
    remaining: Annotated[int, Meta(description="Number of lines left.", examples=[0])]
    saved: Annotated[int, Meta(description="Number of lines that are saved for later.", examples=[0])] = 0


class CartAbandoned(CartFact, frozen=True, kw_only=True):
    """A cart with lines was idle longer than the threshold. Sent once per idle period."""

    cart_id: CartId
    version: Version
    lines: Lines


class CartExpired(CartFact, frozen=True, kw_only=True):
    """The cart has expired. Sent exactly once; never for a cart that a write renewed in time."""

    cart_id: CartId
    version: Version
    lines: Lines


#: Every event of this domain.
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

#: A pattern that matches the routing keys of all of them, also in later versions.
ALL_FACTS = (f"{CartFact.DOMAIN}.*",)
