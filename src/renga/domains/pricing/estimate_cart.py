"""Use case: the quote that the buyer of a cart would get now. No consent, no reservation."""

from renga.domains.cart.contract import Cart, Carts
from renga.domains.pricing.contract import (
    Destination,
    EstimateRequest,
    LineToPrice,
    PaymentChoice,
    Quote,
    QuoteRequest,
)
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.model.promotion_index import normalised_code
from renga.domains.pricing.quote_lines import quote_lines
from renga.kernel.buyer_terms import BuyerTerms, VerifiedFacts
from renga.kernel.caller import Caller


async def estimate_cart(
    dependencies: PricingDependencies, carts: Carts, caller: Caller, cart_id: str, request: EstimateRequest
) -> Quote:
    """Who may see the cart may see what it costs. Raises the errors of ``quote_lines`` and of the cart's ``read``."""
    cart = await carts.read(caller, cart_id)
    facts = await dependencies.buyers.verified(cart.customer)
    return await quote_lines(dependencies, request_of(cart, facts, request))


def request_of(cart: Cart, facts: VerifiedFacts, request: EstimateRequest) -> QuoteRequest:
    """What is not asked for is as in the cart; a region and a postal code belong to their country."""
    country = request.country if request.country is not None else cart.terms.country
    same = country == cart.terms.country
    region = request.region if request.region is not None else (cart.terms.region if same else "")
    terms = BuyerTerms(
        currency=cart.currency, channel=cart.terms.channel, country=country, region=region, verified=facts
    )
    destination = Destination(country=country, region=region, postal_code=request.postal_code or "")
    method = request.payment_method
    return QuoteRequest(
        terms=terms,
        lines=lines_of(cart),
        coupons=_distinct(*cart.coupons, *request.coupons),
        destination=destination if country or destination.postal_code else None,
        shipping_option=request.shipping_option,
        payment=None if method is None else PaymentChoice(method=method, cash=method == "cash"),
        customer=cart.customer,
    )


def lines_of(cart: Cart) -> tuple[LineToPrice, ...]:
    """A cart's lines, as pricing takes them."""
    return tuple(
        LineToPrice(line=one.line, sku=one.sku, quantity_milli=one.quantity * 1000, unit_price=one.unit_price.amount)
        for one in cart.lines
    )


def _distinct(*codes: str) -> tuple[str, ...]:
    return tuple({normalised_code(code): code for code in reversed(codes)}.values())[::-1]
