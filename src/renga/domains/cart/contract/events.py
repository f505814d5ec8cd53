"""Facts of the cart. Routing keys are ``cart.<Event>``; the subject is the cart's id, the sequence its version."""

from typing import ClassVar

from renga.kernel.facts import Fact


class CartFact(Fact, frozen=True, kw_only=True):
    """A fact of this domain."""

    DOMAIN: ClassVar[str] = "cart"


class CartCreated(CartFact, frozen=True, kw_only=True):
    cart_id: str
    version: int
    currency: str


class ItemAddedToCart(CartFact, frozen=True, kw_only=True):
    """``quantity`` was added to the line, which now holds ``line_quantity`` at ``unit_price`` minor units each."""

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

    cart_id: str
    version: int
    line: str
    sku: str
    quantity: int


class CartUpdated(CartFact, frozen=True, kw_only=True):
    """Anything else. ``change`` is quantity, replaced, cleared, saved, restored, saved_removed, coupon_applied,
    coupon_removed, note or claimed; ``line`` the line it touched, if one."""

    cart_id: str
    version: int
    change: str
    line: str | None = None


class CartMerged(CartFact, frozen=True, kw_only=True):
    """The lines of ``source_id`` are now in this cart; the source is gone."""

    cart_id: str
    version: int
    source_id: str


class CheckoutStarted(CartFact, frozen=True, kw_only=True):
    cart_id: str
    version: int


class CartCompleted(CartFact, frozen=True, kw_only=True):
    """What was ordered has left the cart; ``remaining`` lines stayed (0: the cart is closed for good)."""

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
