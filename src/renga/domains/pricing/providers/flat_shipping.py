"""ShippingRates until shipping has an owner: one option, ``standard``, for a flat rate per currency."""

from collections.abc import Mapping, Sequence

from renga.domains.pricing.contract import Destination, ShippingCharge
from renga.kernel.buyer_terms import BuyerTerms

STANDARD = "standard"


class FlatShipping:
    """``amounts`` are minor units by currency; in other currencies nothing is delivered. ``countries`` empty: everywhere.

    ``days``: business days until it arrives, from the earliest to the latest.
    """

    def __init__(
        self, amounts: Mapping[str, int], countries: frozenset[str] = frozenset(), days: tuple[int, int] | None = None
    ) -> None:
        self._amounts = amounts
        self._countries = countries
        self._days = days

    async def rates(
        self, terms: BuyerTerms, destination: Destination, weights_g: Mapping[str, int]
    ) -> Sequence[ShippingCharge]:
        amount = self._amounts.get(terms.currency)
        if amount is None or (self._countries and destination.country not in self._countries):
            return ()
        return (ShippingCharge(id=STANDARD, option=STANDARD, title="Standard", amount=amount, days=self._days),)
