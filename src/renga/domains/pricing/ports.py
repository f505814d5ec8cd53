"""What pricing needs from outside for a quote. Ports take values."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from renga.domains.pricing.contract.offers import BuyerHistory, Destination, ShippingCharge
from renga.domains.pricing.contract.tax import TaxAnswer, TaxRequest
from renga.kernel.buyer_terms import BuyerTerms


class TaxProvider(Protocol):
    """Calculates taxes: the shop's own tables, or a service of others."""

    async def tax(self, request: TaxRequest) -> TaxAnswer:
        """The taxes of every taxable, within the provider's deadline. Raises TaxUnavailable, TaxAnswerInvalid."""
        ...


class ShippingRates(Protocol):
    """What delivery costs. Until shipping has an owner: a flat rate, option ``standard``."""

    async def rates(
        self, terms: BuyerTerms, destination: Destination, weights_g: Mapping[str, int]
    ) -> Sequence[ShippingCharge]:
        """The options for parcels of these weights per merchant, cheapest first; none: it is not delivered there.

        Raises Unavailable.
        """
        ...


class OrderHistory(Protocol):
    """What a customer has ordered. Until orders have an owner: from redemptions."""

    async def history(self, customer: str | None) -> BuyerHistory:
        """Orders so far and promotions that are used up (for a guest: in total). Raises Unavailable."""
        ...
