"""Facts of the cart. Routing keys are ``cart.<Event>``; the subject is the cart's id, the sequence its version."""

from typing import ClassVar

from renga.kernel.facts import AlsoSays, Fact


class CartFact(Fact, frozen=True, kw_only=True):
    """A fact of this domain."""

    DOMAIN: ClassVar[str] = "cart"


class CartCreated(CartFact, frozen=True, kw_only=True):
    cart_id: str
    version: int
    currency: str


class CartUpdated(CartFact, frozen=True, kw_only=True):
    """The contents or terms of the cart have changed: said once after every such change, whatever its own event is.

    ``change`` is quantity, replaced, cleared, saved, restored, saved_removed, coupon_applied, coupon_removed, note, claimed,
    merged_away (the cart is gone, its lines are in another) or erased (the person behind its owner is forgotten); these have
    no other event. After one that has it is added, removed, merged or completed; its id is then that event's with
    ``:updated``, and one message tells both. ``line`` is the line that it touched, if one.
    """

    cart_id: str
    version: int
    change: str
    line: str | None = None


def _updated(change: str) -> AlsoSays:
    return AlsoSays(fact=CartUpdated, suffix="updated", constants={"change": change})


class ItemAddedToCart(CartFact, frozen=True, kw_only=True):
    """``quantity`` was added to the line, which now holds ``line_quantity`` at ``unit_price`` minor units each."""

    ALSO: ClassVar[AlsoSays | None] = _updated("added")

    cart_id: str
    version: int
    line: str
    sku: str
    quantity: int
    line_quantity: int
    unit_price: int
    currency: str


class ItemRemovedFromCart(CartFact, frozen=True, kw_only=True):
    """The line is gone; it held ``quantity``."""

    ALSO: ClassVar[AlsoSays | None] = _updated("removed")

    cart_id: str
    version: int
    line: str
    sku: str
    quantity: int


class CartMerged(CartFact, frozen=True, kw_only=True):
    """The lines of ``source_id`` are now in this cart; the source is gone."""

    ALSO: ClassVar[AlsoSays | None] = _updated("merged")

    cart_id: str
    version: int
    source_id: str


class CheckoutStarted(CartFact, frozen=True, kw_only=True):
    cart_id: str
    version: int


class CartCompleted(CartFact, frozen=True, kw_only=True):
    """What was ordered has left the cart; ``remaining`` lines stayed (0: the cart is closed for good)."""

    ALSO: ClassVar[AlsoSays | None] = _updated("completed")

    cart_id: str
    version: int
    remaining: int


class CartAbandoned(CartFact, frozen=True, kw_only=True):
    """A cart with lines has been idle past the threshold; once per idle spell. ``lines`` is how many it holds."""

    cart_id: str
    version: int
    lines: int


class CartExpired(CartFact, frozen=True, kw_only=True):
    """The cart's life is over. Exactly once; never for a cart that a write revived in time."""

    cart_id: str
    version: int
    lines: int


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
