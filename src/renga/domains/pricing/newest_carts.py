"""NewestCarts: the cart's newest snapshots, read for the shop itself."""

from collections.abc import Sequence

from renga.domains.cart.contract import ANY_CART, CartSamples
from renga.domains.pricing.estimate_cart import lines_of
from renga.domains.pricing.ports import SampleCart
from renga.kernel.buyer_terms import BuyerTerms, VerifiedFacts
from renga.kernel.caller import Caller


class SampledCarts:
    """Through the cart's contract, with the one scope that it needs. Groups are those that the lines were priced for."""

    def __init__(self, carts: CartSamples) -> None:
        self._carts = carts
        self._caller = Caller.of_system("pricing", ANY_CART)

    async def newest(self, limit: int) -> Sequence[SampleCart]:
        return [
            SampleCart(
                id=cart.id,
                terms=BuyerTerms(
                    currency=cart.currency, channel=cart.terms.channel, country=cart.terms.country,
                    region=cart.terms.region, verified=VerifiedFacts(groups=cart.terms.groups),
                ),
                lines=lines_of(cart),
                coupons=cart.coupons,
                customer=cart.customer,
            )
            for cart in await self._carts.newest(self._caller, limit)
        ]  # fmt: skip
