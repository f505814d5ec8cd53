"""Access to checkouts, and to their carts for them."""

from renga.domains.cart.contract import ANY_CART, Cart, CartAlreadyCompleted, CartNotFound
from renga.domains.orders.contract import ANY_ORDER, CheckoutNotFound
from renga.domains.orders.dependencies import CheckoutDependencies
from renga.domains.orders.model.checkout_record import CheckoutRecord
from renga.kernel.caller import Caller
from renga.kernel.ids import canonical_uuid

#: For callers who may use every checkout, and for the shop's own jobs.
SYSTEM = Caller.of_system("orders", ANY_CART)


def cart_caller(caller: Caller) -> Caller:
    """Who reads and changes the cart of a checkout."""
    return SYSTEM if caller.may(ANY_ORDER) else caller


async def found_checkout(dependencies: CheckoutDependencies, caller: Caller, checkout_id: str) -> CheckoutRecord:
    """Raises CheckoutNotFound, also for a customer's checkout that is not the caller's.

    A guest's checkout may have become a customer's with its cart: ``cart_of`` says so.
    """
    name = canonical_uuid(checkout_id)
    record = None if name is None else await dependencies.checkouts.checkout(name)
    if record is None or not may_see(caller, record.customer):
        raise CheckoutNotFound()
    return record


def may_see(caller: Caller, customer: str | None) -> bool:
    """Everyone who has the id of a guest's checkout; the customer; callers with ANY_ORDER."""
    return customer is None or caller.may(ANY_ORDER) or customer == caller.subject


async def cart_of(dependencies: CheckoutDependencies, caller: Caller, record: CheckoutRecord) -> Cart:
    """The cart of a checkout. Raises CheckoutNotFound if it is somebody else's by now, and the other errors of ``read``."""
    try:
        cart = await dependencies.carts.read(cart_caller(caller), record.cart_id)
    except CartNotFound:
        raise CheckoutNotFound() from None
    if cart.state == "completed":
        raise CartAlreadyCompleted()
    return cart
