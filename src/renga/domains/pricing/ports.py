"""What pricing needs from outside: for a quote, and to keep promotions, redemptions and rules. Ports take values."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from renga.domains.pricing.contract.management import CodeBatch
from renga.domains.pricing.contract.offers import (
    BuyerHistory,
    Destination,
    LineToPrice,
    OfferFacts,
    ShippingCharge,
)
from renga.domains.pricing.contract.policy import PricingPolicy
from renga.domains.pricing.contract.promotions import Promotion
from renga.domains.pricing.contract.tax import TaxAnswer, TaxRequest, TaxTables
from renga.kernel.buyer_terms import BuyerTerms, VerifiedFacts
from renga.kernel.events import Event
from renga.kernel.once import Once


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


class HeldUse(msgspec.Struct, frozen=True, kw_only=True):
    """One use of a promotion; ``digest`` is that of the code, None without one."""

    promotion: str
    amount: int
    currency: str
    code: str | None = None
    digest: bytes | None = None


class NewRedemption(msgspec.Struct, frozen=True, kw_only=True):
    """Uses to hold, sorted by promotion; ``fingerprint`` is a digest of the uses and the customer."""

    key: str
    uses: tuple[HeldUse, ...]
    customer: str | None
    fingerprint: bytes
    made_ms: int
    expires_ms: int


class RedemptionEvents(Protocol):
    """The events of a redemption, made by the use case once the store knows what they say."""

    def exhausted(self, promotion: str, uses: int) -> Event:
        """The last use of a promotion is taken."""
        ...

    def redeemed(self, promotions: tuple[str, ...]) -> Event:
        """The redemption is committed."""
        ...

    def released(self, promotions: tuple[str, ...]) -> Event:
        """Its uses are free again."""
        ...


class RedemptionStore(Protocol):
    """Every method raises Unavailable."""

    async def redeem(self, new: NewRedemption, events: RedemptionEvents) -> None:
        """Hold all uses or none, also if many redeem at once.

        Raises CouponExhausted, CouponUsed, PromotionNotFound, IdempotencyConflict, RedemptionEnded.
        """
        ...

    async def commit(self, key: str, events: RedemptionEvents) -> None:
        """Raises RedemptionNotFound, RedemptionEnded."""
        ...

    async def release(self, key: str, events: RedemptionEvents, now_ms: int, *, only_due: bool = False) -> bool:
        """Free the uses; True if this call did. An unknown key is kept as released; with ``only_due`` (the sweeper's) nothing
        happens to one that is not held. Raises RedemptionEnded.
        """
        ...

    async def due(self, now_ms: int, limit: int) -> Sequence[str]:
        """Keys whose deadline has passed, the oldest first."""
        ...

    async def erase(self, customer: str) -> None:
        """Forget the customer: their redemptions have none any more, their counts are deleted."""
        ...

    async def forget(self, before_ms: int, limit: int) -> int:
        """Delete released redemptions whose deadline was before; returns how many."""
        ...


class PromotionStore(Protocol):
    """Every method raises Unavailable. Each write has one event, stored in its transaction."""

    async def find(self, promotion_id: str) -> Promotion | None:
        """Any text may be asked for."""
        ...

    async def page(
        self, merchants: frozenset[str] | None, before: int | None, limit: int
    ) -> tuple[Sequence[Promotion], int | None]:
        """Newest first, of these merchants (None: all), and the ``before`` of the next page (None: none)."""
        ...

    async def create(self, promotion: Promotion, event: Event, once: Once | None, now_ms: int) -> Promotion:
        """The promotion, or that of the first call with the key. Raises CouponCodeTaken, IdempotencyConflict."""
        ...

    async def replace(self, promotion: Promotion, event: Event) -> bool:
        """False: it is not at the version before this one any more. Raises CouponCodeTaken."""
        ...

    async def remove(self, promotion: Promotion, event: Event) -> bool:
        """False: it is not at this version any more."""
        ...


class StoredBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch and the seed that its codes are derived from (with the shop's secret)."""

    batch: CodeBatch
    seed: bytes


class FoundCode(msgspec.Struct, frozen=True, kw_only=True):
    """A single-use code's promotion, and whether it is used or held."""

    promotion: str
    used: bool


class CodeStore(Protocol):
    """Single-use codes, by digest. Every method raises Unavailable."""

    async def add(self, batch: StoredBatch, digests: Sequence[bytes], once: Once | None, now_ms: int) -> CodeBatch:
        """The batch, or that of the first call with the key. Raises IdempotencyConflict, PromotionNotFound."""
        ...

    async def batch(self, promotion_id: str, batch_id: str) -> StoredBatch | None:
        """A promotion's batch."""
        ...

    async def batches(self, promotion_id: str, limit: int) -> Sequence[CodeBatch]:
        """A promotion's batches, newest first."""
        ...

    async def find(self, digests: Sequence[bytes]) -> Mapping[bytes, FoundCode]:
        """The codes that exist."""
        ...


class PricingRules(msgspec.Struct, frozen=True, kw_only=True):
    """What quotes follow, at one moment. ``policies`` by channel; ``*`` is that of the others."""

    revision: int
    promotions: tuple[Promotion, ...]
    policies: Mapping[str, PricingPolicy]
    tables: TaxTables


class RuleStore(Protocol):
    """Every method raises Unavailable."""

    async def revision(self) -> int:
        """Another number after every change of a promotion, a policy or the tax tables."""
        ...

    async def rules(self) -> PricingRules:
        """Active promotions, policies, tables."""
        ...

    async def put_tables(self, tables: TaxTables, event: Event) -> bool:
        """False: they are not at the version before ``tables.version`` any more."""
        ...

    async def policy_version(self, channel: str) -> int:
        """0: it has none of its own."""
        ...

    async def put_policy(self, channel: str, policy: PricingPolicy, version: int, event: Event) -> bool:
        """False: it is not at the version before any more."""
        ...


class OfferBook(Protocol):
    """What is sold and for how much, from its owners; never from a cache."""

    async def offers(
        self,
        skus: Sequence[str],
        terms: BuyerTerms,
        *,
        now_ms: int,
        bases: Sequence[str] = (),
        collections: Sequence[str] = (),
    ) -> Mapping[str, OfferFacts]:
        """The skus that are sold, with the prices for the terms, and in which of ``collections`` they are.

        A sku without a price in the terms' currency has those in the first of ``bases`` (currencies that can be converted) in
        which it has one. Raises Unavailable.
        """
        ...


class VerifiedBuyers(Protocol):
    """What the shop has verified about customers."""

    async def verified(self, customer: str | None) -> VerifiedFacts:
        """Of a customer's account; NOTHING_VERIFIED for a guest (None). Raises Unavailable."""
        ...


class SampleCart(msgspec.Struct, frozen=True, kw_only=True):
    """A cart to try a promotion on. ``id`` gives access to a guest's cart: it is for nobody without that right."""

    id: str
    terms: BuyerTerms
    lines: tuple[LineToPrice, ...]
    coupons: tuple[str, ...] = ()
    customer: str | None = None


class NewestCarts(Protocol):
    """The newest carts, to try a promotion on."""

    async def newest(self, limit: int) -> Sequence[SampleCart]:
        """Those that have lines, newest first. Raises Unavailable."""
        ...
