"""REST: what a cart would cost now."""

import msgspec

from renga.domains.cart.contract import (
    ANY_CART,
    OWN_CARTS,
    CartBusy,
    CartHasExpired,
    CartMergedAway,
    CartNotFound,
    CartOutcomeUnknown,
    StoreUnavailable,
)
from renga.domains.pricing.contract import (
    BuyerQuote,
    EstimateRequest,
    Pricing,
    QuoteAmountTooLarge,
    QuoteQuantityInvalid,
    QuoteTooLarge,
    ShippingOptionUnknown,
    TaxUnavailable,
)
from renga.domains.pricing.rest.examples import ESTIMATE
from renga.domains.pricing.rest.shared import BODY, NO_STORE, READ
from renga.kernel.buyer_terms import TermsInvalid
from renga.kernel.destination import PostalCodeInvalid
from renga.kernel.errors import Forbidden
from renga.platform.auth.access import Access
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.typed_bodies import decoded

_decoder = msgspec.json.Decoder(EstimateRequest)
_encode = msgspec.json.Encoder().encode
#: The same as for the cart itself.
CART_ACCESS = Access(
    scopes=(OWN_CARTS,),
    instead=(ANY_CART,),
    guest=True,
    objects="a guest's cart by its id; the customer's own carts; every cart for services",
)
_CART = (CartNotFound, CartHasExpired, CartMergedAway, CartBusy, StoreUnavailable, CartOutcomeUnknown, Forbidden)
_QUOTE = (
    TermsInvalid,
    PostalCodeInvalid,
    QuoteTooLarge,
    QuoteQuantityInvalid,
    QuoteAmountTooLarge,
    ShippingOptionUnknown,
    TaxUnavailable,
)


def operations(pricing: Pricing) -> list[Operation]:
    """``/v1/carts/{id}/estimate``."""

    async def estimate(call: Call) -> Answer:
        request: EstimateRequest = decoded(call, _decoder)
        quote = await pricing.estimate(call.caller, call.parameters["cart_id"], request)
        return Answer(200, _encode(quote.for_buyer()), [NO_STORE])

    return [
        Operation(
            method="POST", path="/v1/carts/{cart_id}/estimate", handler=estimate, access=CART_ACCESS, rate="estimate",
            id="estimateCart", summary="What the cart would cost now", tag="pricing", body=EstimateRequest, answer=BuyerQuote,
            description="The quote that the buyer would get now, with the reason for every amount. Nothing is reserved or kept.",
            errors=(*READ, *_CART, *_QUOTE, *BODY), example=ESTIMATE,
        )
    ]  # fmt: skip
