"""At login: the guest's cart becomes the customer's current cart, or is merged into it.

Steps: set the current cart (compare and set, so concurrent logins agree on one), claim it, merge the guest's cart into it.
Each step is atomic and may be repeated, so after a crash the next call continues (inside a merge also the sweeper).
The current cart is set before the claim: a claimed cart that is not the current one would be lost to its owner.
"""

from renga.domains.cart.access import owner_of
from renga.domains.cart.claim_cart import claim_cart
from renga.domains.cart.contract import (
    CartAlreadyCompleted,
    CartBusy,
    CartHasExpired,
    CartMergedAway,
    CartNotFound,
    CartTooLarge,
    CurrencyUnavailable,
    LineLimit,
    TakenOver,
    Write,
)
from renga.domains.cart.dependencies import CartDependencies
from renga.domains.cart.merge_carts import merge_carts
from renga.domains.cart.read_cart import read_cart
from renga.kernel.caller import Caller
from renga.kernel.errors import RengaError, Unauthenticated

#: Another try is needed when another login, or the end of a cart, came in between.
TRIES_MAX = 5
#: A cart with one of these errors has ended and cannot be a current cart.
_OVER: tuple[type[RengaError], ...] = (CartNotFound, CartHasExpired, CartMergedAway, CartAlreadyCompleted)
_REFUSED: tuple[type[RengaError], ...] = (LineLimit, CartTooLarge, CurrencyUnavailable)


async def take_over(dependencies: CartDependencies, caller: Caller, guest_cart_id: str | None) -> TakenOver:
    customer = owner_of(caller)
    if customer is None:
        raise Unauthenticated("only a customer who is logged in can take a cart over")
    write = Write(whole=False)
    for _ in range(TRIES_MAX):
        guest = await _usable(dependencies, caller, guest_cart_id)
        current = await dependencies.current.find(customer)
        mine = await _usable(dependencies, caller, current)
        if mine is None:
            if guest is None:
                return TakenOver(cart_id=None)
            mine = await dependencies.current.put(customer, guest, instead_of=current)
        try:
            await claim_cart(dependencies, caller, mine, write)
            if guest is not None and guest != mine:
                await merge_carts(dependencies, caller, mine, guest, write)
        except _REFUSED as refusal:
            return TakenOver(cart_id=mine, left=guest, reason=refusal.code)
        except _OVER:
            continue  # one of the two carts ended meanwhile: read both again
        return TakenOver(cart_id=mine)
    raise CartBusy()


async def _usable(dependencies: CartDependencies, caller: Caller, cart_id: str | None) -> str | None:
    """The canonical id if the customer may use the cart and it has not ended."""
    if cart_id is None:
        return None
    try:
        cart = await read_cart(dependencies, caller, cart_id)
    except _OVER:
        return None
    return None if cart.state == "completed" else cart.id
