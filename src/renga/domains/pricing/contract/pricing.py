"""The interface of pricing for other domains: quotes, estimates, redemption of promotions."""

from typing import Annotated, Protocol

from msgspec import Meta, Struct

from renga.domains.pricing.contract.offers import LineToPrice, PaymentChoice
from renga.domains.pricing.contract.quote import Quote
from renga.kernel.buyer_terms import BuyerTerms
from renga.kernel.caller import Caller
from renga.kernel.destination import Destination
from renga.kernel.money import Money

#: Bounds of one quote.
QUOTE_LINES_MAX = 500
QUOTE_COUPONS_MAX = 20
METHOD_CHARACTERS_MAX = 100
QUANTITY_MILLI_MAX = 1_000_000_000


class QuoteRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A quote for lines that the caller has read. ``customer`` None: a guest.

    ``shipping_option`` None: the cheapest; without a destination nothing is shipped (yet).
    """

    terms: BuyerTerms
    lines: tuple[LineToPrice, ...]
    coupons: tuple[str, ...] = ()
    destination: Destination | None = None
    shipping_option: str | None = None
    payment: PaymentChoice | None = None
    customer: str | None = None


class EstimateRequest(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An estimate for a cart. What is None is as in the cart's terms; ``coupons`` are added to the cart's own."""

    country: str | None = None
    region: str | None = None
    postal_code: Annotated[str, Meta(max_length=20)] | None = None
    coupons: Annotated[tuple[str, ...], Meta(max_length=QUOTE_COUPONS_MAX)] = ()
    shipping_option: str | None = None
    payment_method: Annotated[str, Meta(max_length=METHOD_CHARACTERS_MAX)] | None = None


class PromotionUse(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One promotion that a quote has used: from ``Quote.promotions``."""

    promotion: str
    discount: Money
    code: str | None = None


class RedemptionHold(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Uses of promotions held for a checkout. ``key`` makes it idempotent; ``expires_at`` (RFC 3339) releases it.

    ``customer`` is what ``uses_per_customer`` counts: an account, or the digest of a guest's e-mail address; None: unknown.
    """

    key: str
    uses: tuple[PromotionUse, ...]
    expires_at: str
    customer: str | None = None


class Redemptions(Protocol):
    """Uses of promotions; all that a worker has of pricing. Every method raises Unavailable; nothing has changed then."""

    async def redeem(self, hold: RedemptionHold) -> None:
        """Hold one use of each promotion, all or none. Idempotent by key.

        Raises CouponExhausted, CouponUsed, PromotionNotFound, IdempotencyConflict (same key, other uses), RedemptionEnded.
        """
        ...

    async def commit(self, key: str) -> None:
        """The order is placed: the uses count for good. Idempotent. Raises RedemptionNotFound, RedemptionEnded."""
        ...

    async def release(self, key: str) -> None:
        """The checkout is dead: the uses are free again. Idempotent; an unknown key is released too, for later calls.

        Raises RedemptionEnded (it was committed).
        """
        ...


class Pricing(Redemptions, Protocol):
    """Every method raises Unavailable when a store that it needs is unreachable; nothing has changed then."""

    async def quote(self, request: QuoteRequest) -> Quote:
        """What the lines cost now. Offers are read from their owner, never from a cache. Reserves nothing.

        Refused coupons and changed lines are in the quote. Raises TermsInvalid, UnknownCurrency, PostalCodeInvalid,
        QuoteTooLarge, QuoteQuantityInvalid, QuoteAmountTooLarge, ShippingOptionUnknown, TaxUnavailable.
        """
        ...

    async def estimate(self, caller: Caller, cart_id: str, request: EstimateRequest) -> Quote:
        """The quote that the buyer of a cart would get now. Raises the errors of ``quote`` and of the cart's ``read``."""
        ...
