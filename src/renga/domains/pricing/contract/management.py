"""The interface of pricing for merchants and staff: promotions, coupons, taxes, rules, dry runs."""

from typing import Annotated, Literal, Protocol

from msgspec import Meta, Struct

from renga.domains.pricing.contract.policy import PricingPolicy
from renga.domains.pricing.contract.promotions import Promotion, PromotionDraft, PromotionPage
from renga.domains.pricing.contract.tax import TaxTables
from renga.kernel.caller import Caller
from renga.kernel.money import Money

#: Scope for promotions of the caller's merchants.
OWN_PROMOTIONS = "promotions:write"
#: Scope for every promotion, the shop's own included.
ALL_PROMOTIONS = "promotions:manage"
#: Scope for tax tables and the rules of quotes.
ALL_PRICING = "pricing:manage"

#: Bounds: promotions on a page, codes in a batch, carts of a dry run.
PROMOTIONS_PAGE_MAX = 100
CODES_PER_BATCH_MAX = 100_000
DRY_RUN_CARTS_MAX = 1000
CODE_BATCHES_MAX = 100


class CodeBatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Single-use codes that were made together."""

    id: str
    promotion: str
    count: int
    prefix: str = ""
    created_at: str = ""


class CodeBatchDraft(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """``count`` new codes that begin with ``prefix``; the rest is not guessable."""

    count: Annotated[int, Meta(ge=1, le=CODES_PER_BATCH_MAX)]
    prefix: Annotated[str, Meta(max_length=20, pattern="^[A-Z0-9-]*$")] = ""


class DryRun(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a promotion would have done to the newest carts, by currency: none is changed.

    ``cost`` is the discount, ``turnover`` what the lines of the carts that get it (of a merchant's promotion: the merchant's
    lines) cost before discounts. ``carts_failed`` could not be quoted. ``examples`` are ids of carts that get it, only for
    callers who may read every cart.
    """

    carts: int
    applied: int
    cost: tuple[Money, ...]
    turnover: tuple[Money, ...]
    examples: tuple[str, ...] = ()
    carts_failed: int = 0


class PromotionConflict(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Two promotions that meet.

    ``never_together``  one excludes the other; ``stacks`` both reduce the same lines; ``same_code``; ``shadowed`` the second
    can never be worth more than the first
    """

    kind: Literal["never_together", "stacks", "same_code", "shadowed"]
    promotions: tuple[str, str]
    text: str = ""


class PricingManagement(Protocol):
    """The caller is the first argument. OWN_PROMOTIONS gives access to promotions of the caller's merchants, ALL_PROMOTIONS (and
    OWN_PROMOTIONS for programs, which belong to no merchant) to all.

    Other promotions are "not found". Every method raises Unauthenticated, InsufficientScope, Unavailable. After any error
    nothing was written. ``expected_version`` None: any.
    """

    async def promotions(self, caller: Caller, *, limit: int = 20, cursor: str | None = None) -> PromotionPage:
        """Newest first. Raises PromotionCursorInvalid, Invalid (limit)."""
        ...

    async def promotion(self, caller: Caller, promotion_id: str) -> Promotion:
        """One promotion. Raises PromotionNotFound."""
        ...

    async def create_promotion(
        self, caller: Caller, draft: PromotionDraft, *, key: str | None = None
    ) -> tuple[Promotion, bool]:
        """Create a promotion; also returns whether an earlier call with the same key did.

        A caller without ALL_PROMOTIONS creates promotions of one of their merchants (of the only one, if ``merchant`` is None),
        which that merchant bears.

        Raises PromotionInvalid (also if the merchant is not one of the caller's), CouponCodeTaken, IdempotencyConflict.
        """
        ...

    async def replace_promotion(
        self, caller: Caller, promotion_id: str, draft: PromotionDraft, *, expected_version: int | None = None
    ) -> Promotion:
        """Raises PromotionNotFound, PromotionInvalid, CouponCodeTaken, PromotionVersionMismatch."""
        ...

    async def remove_promotion(self, caller: Caller, promotion_id: str, *, expected_version: int | None = None) -> None:
        """Orders keep what they used. Raises PromotionNotFound, PromotionVersionMismatch."""
        ...

    async def make_codes(
        self, caller: Caller, promotion_id: str, draft: CodeBatchDraft, *, key: str | None = None
    ) -> tuple[CodeBatch, bool]:
        """Make single-use codes; also returns whether an earlier call with the same key did.

        Raises PromotionNotFound, PromotionInvalid (no ``code_batches``), IdempotencyConflict.
        """
        ...

    async def code_batches(self, caller: Caller, promotion_id: str) -> tuple[CodeBatch, ...]:
        """The newest CODE_BATCHES_MAX batches. Raises PromotionNotFound."""
        ...

    async def codes(self, caller: Caller, promotion_id: str, batch_id: str) -> tuple[str, ...]:
        """The codes of a batch. Raises PromotionNotFound, CodeBatchNotFound."""
        ...

    async def dry_run(self, caller: Caller, draft: PromotionDraft, *, carts: int = DRY_RUN_CARTS_MAX) -> DryRun:
        """What the promotion would have done to the newest carts. Raises PromotionInvalid, Invalid (carts)."""
        ...

    async def conflicts(self, caller: Caller) -> tuple[PromotionConflict, ...]:
        """Conflicts among the active promotions that the caller keeps."""
        ...

    async def conflicts_of(self, caller: Caller, draft: PromotionDraft) -> tuple[PromotionConflict, ...]:
        """Conflicts of a draft, named ``draft``, with them. Raises PromotionInvalid."""
        ...

    async def tax_tables(self, caller: Caller) -> TaxTables:
        """The shop's tax tables. Needs ALL_PRICING."""
        ...

    async def replace_tax_tables(
        self, caller: Caller, tables: TaxTables, *, expected_version: int | None = None
    ) -> TaxTables:
        """Needs ALL_PRICING. Raises TaxTablesInvalid, TaxTablesMismatch."""
        ...

    async def policy(self, caller: Caller, channel: str) -> PricingPolicy:
        """The rules of a channel. Needs ALL_PRICING."""
        ...

    async def replace_policy(self, caller: Caller, channel: str, policy: PricingPolicy) -> PricingPolicy:
        """The rules of a channel; ``*``: of every channel without rules of its own. Needs ALL_PRICING. Raises PolicyInvalid."""
        ...
