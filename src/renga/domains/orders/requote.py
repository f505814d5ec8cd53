"""Use case: quote again what a checkout has shown, for placing it. Nothing is kept."""

from renga.domains.orders.access import cart_of
from renga.domains.orders.dependencies import CheckoutDependencies
from renga.domains.orders.make_quote import make_quote
from renga.domains.orders.model.checkout_record import CheckoutRecord
from renga.domains.orders.model.frozen_quote import FrozenQuote
from renga.kernel.caller import Caller


async def requote(
    dependencies: CheckoutDependencies, caller: Caller, checkout: CheckoutRecord, before: FrozenQuote
) -> FrozenQuote:
    """Today's quote of the lines of ``before``, as far as the cart still has them; what was added since stays in the cart.

    ``model.consent.settled(before, after, now_ms)`` says which of the two the order is made of, and whether the buyer must
    agree first. Raises what pricing's ``quote`` and the cart's ``read`` raise, ShippingOptionUnknown (the way of delivery
    that was chosen is gone), CheckoutNotFound (the cart belongs to somebody else now).
    """
    cart = await cart_of(dependencies, caller, checkout)
    return await make_quote(dependencies, checkout.id, cart, checkout.details, shown=before.request.lines)
