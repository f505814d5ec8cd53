"""What a dry run of many carts reads, read once: offers for each kind of terms, the history of each customer. No taxes."""

from collections.abc import Mapping, Sequence

from renga.domains.pricing.contract import BuyerHistory, OfferFacts, TaxAnswer, TaxedAmount, TaxRequest
from renga.domains.pricing.ports import OfferBook, OrderHistory, SampleCart
from renga.kernel.buyer_terms import BuyerTerms


class UntaxedTrial:
    """Implements ``TaxProvider``: what a promotion takes off does not depend on taxes, and a provider is not asked a thousand
    times for nothing."""

    async def tax(self, request: TaxRequest) -> TaxAnswer:
        amounts = tuple(TaxedAmount(id=one.id, net=one.amount, gross=one.amount) for one in request.taxables)
        return TaxAnswer(provider="none", amounts=amounts)


class HeldHistory:
    """Implements ``OrderHistory``: asks once for each customer."""

    def __init__(self, history: OrderHistory) -> None:
        self._history = history
        self._held: dict[str | None, BuyerHistory] = {}

    async def history(self, customer: str | None) -> BuyerHistory:
        if customer not in self._held:
            self._held[customer] = await self._history.history(customer)
        return self._held[customer]


class HeldOffers:
    """Implements ``OfferBook`` for these carts: for equal terms all their skus are read at once."""

    def __init__(self, offers: OfferBook, carts: Sequence[SampleCart]) -> None:
        self._offers = offers
        self._skus: dict[BuyerTerms, set[str]] = {}
        self._held: dict[BuyerTerms, Mapping[str, OfferFacts]] = {}
        for cart in carts:
            self._skus.setdefault(cart.terms, set()).update(line.sku for line in cart.lines)

    async def offers(
        self,
        skus: Sequence[str],
        terms: BuyerTerms,
        *,
        now_ms: int,
        bases: Sequence[str] = (),
        collections: Sequence[str] = (),
    ) -> Mapping[str, OfferFacts]:
        if terms not in self._held:
            every = sorted(self._skus.get(terms, set()) | set(skus))
            self._held[terms] = await self._offers.offers(
                every, terms, now_ms=now_ms, bases=bases, collections=collections
            )
        held = self._held[terms]
        return {sku: held[sku] for sku in skus if sku in held}
