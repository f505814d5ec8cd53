"""Access to carts: a guest's cart for everyone who has its id; a customer's cart for that customer and for services."""

from renga.domains.cart.contract import ANY_CART, CartNotFound
from renga.kernel.caller import Caller
from renga.kernel.errors import Forbidden

#: The guard's ``caller`` for callers who may use every cart.
EVERY_CART = "*"


def owner_of(caller: Caller) -> str | None:
    """The customer as owner of carts; None for guests and for callers with ANY_CART, who own no carts."""
    return None if caller.may(ANY_CART) else caller.subject


def guard_caller(caller: Caller) -> str:
    """The guard's ``caller``: ``*`` for callers with ANY_CART, else the customer, or empty for a guest. Raises Forbidden."""
    if caller.may(ANY_CART):
        return EVERY_CART
    if caller.subject == EVERY_CART:
        raise Forbidden("no customer is named '*'")
    return caller.subject or ""


def check_owner(owner: str | None, name: str) -> None:
    """``name`` is the result of ``guard_caller``. Raises CartNotFound, as for a cart that does not exist."""
    if owner is not None and name not in (owner, EVERY_CART):
        raise CartNotFound()
