"""Use case: quote a cart for its checkout. Offers are read from their owner, never from a cache. Nothing is kept."""

from collections.abc import Sequence

import msgspec

from renga.domains.cart.contract import Cart
from renga.domains.orders.contract import ShippingOption
from renga.domains.orders.dependencies import CheckoutDependencies
from renga.domains.orders.model.asking import as_shown, destination_of, request_of, with_interest
from renga.domains.orders.model.checkout_record import CheckoutDetails
from renga.domains.orders.model.frozen_quote import FrozenQuote
from renga.domains.payments.contract.payments import OfferedMethod
from renga.domains.pricing.contract import LineToPrice, Quote, QuoteRequest, ShippingOptionUnknown
from renga.kernel.buyer_terms import NOTHING_VERIFIED, VerifiedFacts
from renga.kernel.clock import rfc3339
from renga.kernel.money import Money


async def make_quote(
    dependencies: CheckoutDependencies,
    checkout_id: str,
    cart: Cart,
    details: CheckoutDetails,
    *,
    shown: Sequence[LineToPrice] | None = None,
) -> FrozenQuote:
    """``shown``: only these lines, as far as the cart still has them; None: the whole cart.

    Raises what pricing's ``quote`` raises, and Unavailable.
    """
    facts = await _facts(dependencies, cart.customer)
    request = request_of(cart, details, facts)
    request = request if shown is None else as_shown(request, shown)
    quote = await dependencies.pricing.quote(request)
    methods = await _methods(dependencies, quote.due, destination_of(cart, details).country)
    dearer = with_interest(request, details, methods, quote.due)
    if dearer is not request:
        request, quote = dearer, await dependencies.pricing.quote(dearer)
    return _frozen(dependencies, checkout_id, cart, details, request, quote, methods)


async def quote_with_kept_option(
    dependencies: CheckoutDependencies, checkout_id: str, cart: Cart, details: CheckoutDetails
) -> tuple[FrozenQuote, CheckoutDetails]:
    """A way of delivery that was chosen for another address, and that there is not any more, is forgotten."""
    try:
        return await make_quote(dependencies, checkout_id, cart, details), details
    except ShippingOptionUnknown:
        details = msgspec.structs.replace(details, shipping_option=None)
        return await make_quote(dependencies, checkout_id, cart, details), details


async def _facts(dependencies: CheckoutDependencies, customer: str | None) -> VerifiedFacts:
    if customer is None or dependencies.buyers is None:
        return NOTHING_VERIFIED
    return await dependencies.buyers.verified_facts(customer)


async def _methods(dependencies: CheckoutDependencies, due: Money, country: str) -> tuple[OfferedMethod, ...]:
    """Nothing is offered for nothing, or while it is not known where the buyer is."""
    if due.amount <= 0 or not country:
        return ()
    return await dependencies.payments.offered(due, country)


def _frozen(
    dependencies: CheckoutDependencies,
    checkout_id: str,
    cart: Cart,
    details: CheckoutDetails,
    request: QuoteRequest,
    quote: Quote,
    methods: tuple[OfferedMethod, ...],
) -> FrozenQuote:
    now_ms, quote_id = dependencies.clock.now_ms(), dependencies.new_id()
    expires_ms = now_ms + dependencies.settings.quote_life_s * 1000
    return FrozenQuote(
        id=quote_id,
        checkout_id=checkout_id,
        cart_id=cart.id,
        cart_version=cart.version,
        created_ms=now_ms,
        expires_ms=expires_ms,
        quote=msgspec.structs.replace(quote.for_buyer(), id=quote_id, expires_at=rfc3339(expires_ms)),
        request=request,
        language=details.language,
        email=details.email,
        tax_id=details.tax_id,
        shipping_address=details.shipping_address,
        billing_address=details.billing_address,
        shipping_option=details.shipping_option,
        payment_method=details.payment_method,
        instalments=details.instalments,
        gift_cards=details.gift_cards,
        consents=details.consents,
        customer=cart.customer,
        options={line.line: line.options for line in cart.lines if line.options},
        note=cart.note,
        tax_request=quote.tax_request,
        tax_answer=quote.tax_answer,
        ships=quote.ships,
        shipping_options=tuple(
            ShippingOption(id=one.option, title=one.title, price=one.price, earliest=one.earliest, latest=one.latest)
            for one in quote.delivery_options
        ),
        payment_methods=methods,
    )
