"""What pricing is asked for a checkout."""

from collections.abc import Sequence

import msgspec

from renga.domains.cart.contract import Cart
from renga.domains.orders.model.checkout_record import CheckoutDetails
from renga.domains.payments.contract.payments import OfferedMethod
from renga.domains.pricing.contract import UNIT_MILLI, LineToPrice, PaymentChoice, QuoteRequest
from renga.kernel.buyer_terms import BuyerTerms, VerifiedFacts
from renga.kernel.destination import Destination
from renga.kernel.money import Money


def request_of(cart: Cart, details: CheckoutDetails, facts: VerifiedFacts) -> QuoteRequest:
    """A quote of the whole cart."""
    destination = destination_of(cart, details)
    method = details.payment_method
    return QuoteRequest(
        terms=BuyerTerms(
            currency=cart.currency, channel=cart.terms.channel, country=destination.country, region=destination.region,
            language=details.language, verified=facts,
        ),
        lines=tuple(
            LineToPrice(line=one.line, sku=one.sku, quantity_milli=one.quantity * UNIT_MILLI, unit_price=one.unit_price.amount)
            for one in cart.lines
        ),
        coupons=_distinct(*cart.coupons, *details.coupons),
        destination=destination if destination.country else None,
        shipping_option=details.shipping_option,
        payment=None if method is None else PaymentChoice(method=method),
        customer=cart.customer,
    )  # fmt: skip


def destination_of(cart: Cart, details: CheckoutDetails) -> Destination:
    """The shipping address; without one the country that was named, else that of the cart."""
    if details.shipping_address is not None:
        return details.shipping_address.destination
    if details.country is not None and details.country != cart.terms.country:
        return Destination(country=details.country)
    return Destination(country=cart.terms.country, region=cart.terms.region)


def with_interest(
    request: QuoteRequest, details: CheckoutDetails, methods: Sequence[OfferedMethod], due: Money
) -> QuoteRequest:
    """With what the chosen instalments cost the buyer beside ``due``; the same object if they cost nothing."""
    plans = (plan for one in methods if one.method == details.payment_method for plan in one.instalments)
    interest = next((plan.total.amount - due.amount for plan in plans if plan.count == details.instalments), 0)
    if interest <= 0 or request.payment is None:
        return request
    return msgspec.structs.replace(request, payment=msgspec.structs.replace(request.payment, surcharge=interest))


def as_shown(request: QuoteRequest, shown: Sequence[LineToPrice]) -> QuoteRequest:
    """The lines that were shown, as far as the cart still has them: what was added since is not part of it."""
    now = {line.line: line for line in request.lines}
    lines = tuple(
        msgspec.structs.replace(now[line.line], quantity_milli=min(line.quantity_milli, now[line.line].quantity_milli))
        for line in shown
        if line.line in now
    )
    return msgspec.structs.replace(request, lines=lines)


def _distinct(*codes: str) -> tuple[str, ...]:
    return tuple({code.strip().upper(): code for code in reversed(codes)}.values())[::-1]
