"""Whose a cart is: a guest's answers to everybody who has its id, a customer's to that customer and to services."""

from renga.domains.cart.contract import ANY_CART, CartNotFound
from renga.kernel.caller import Caller
from renga.kernel.errors import Forbidden

#: How a store is told of a caller who may use every cart.
EVERYBODY = "*"


def owner_of(caller: Caller) -> str | None:
    """The customer as an owner of carts; None for a guest, and for who may use every cart: such a caller owns none."""
    return None if caller.may(ANY_CART) else caller.subject


def store_name(caller: Caller) -> str:
    """How a store is told who calls: ``*`` for every cart, the customer, or empty for a guest. Raises Forbidden."""
    if caller.may(ANY_CART):
        return EVERYBODY
    if caller.subject == EVERYBODY:
        raise Forbidden("no customer is named '*'")
    return caller.subject or ""


def check_owner(owner: str | None, name: str) -> None:
    """``name`` is the caller's as the store is told it. Raises CartNotFound, as if the cart were not there."""
    if owner is not None and name not in (owner, EVERYBODY):
        raise CartNotFound()
