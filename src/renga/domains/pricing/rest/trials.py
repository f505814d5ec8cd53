"""REST: what a promotion would do, and which ones meet."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.domains.pricing.contract import (
    DRY_RUN_CARTS_MAX,
    DryRun,
    PricingManagement,
    PromotionConflict,
    PromotionDraft,
    PromotionInvalid,
)
from renga.domains.pricing.rest.examples import PROMOTION
from renga.domains.pricing.rest.shared import BODY, NO_STORE, PROMOTIONS, READ
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.typed_bodies import decoded

_draft = msgspec.json.Decoder(PromotionDraft)
_encode = msgspec.json.Encoder().encode


class DryRunQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query of a dry run."""

    carts: Annotated[
        int, Meta(description=f"How many of the newest carts, up to {DRY_RUN_CARTS_MAX}.", ge=1, le=DRY_RUN_CARTS_MAX)
    ] = DRY_RUN_CARTS_MAX


class ConflictReport(msgspec.Struct, frozen=True):
    """Promotions that meet."""

    items: tuple[PromotionConflict, ...]


def operations(pricing: PricingManagement) -> list[Operation]:
    """The dry run and the reports of conflicts."""

    async def dry_run(call: Call) -> Answer:
        asked, draft = call.query(DryRunQuery), decoded(call, _draft)
        return Answer(200, _encode(await pricing.dry_run(call.caller, draft, carts=asked.carts)), [NO_STORE])

    async def conflicts(call: Call) -> Answer:
        return Answer(200, _encode(ConflictReport(await pricing.conflicts(call.caller))), [NO_STORE])

    async def conflicts_of(call: Call) -> Answer:
        found = await pricing.conflicts_of(call.caller, decoded(call, _draft))
        return Answer(200, _encode(ConflictReport(found)), [NO_STORE])

    return [
        Operation(
            method="POST", path="/v1/promotions/dry-run", handler=dry_run, access=PROMOTIONS, rate="dry_run",
            id="dryRunPromotion", summary="Which of the newest carts would get this, and what would it cost",
            description="Tried beside the active promotions; one with codes as if every buyer had one. No cart is changed.",
            tag="pricing", body=PromotionDraft, answer=DryRun, query=DryRunQuery,
            errors=(*READ, PromotionInvalid, *BODY), example=PROMOTION,
        ),
        Operation(
            method="GET", path="/v1/promotions/conflicts", handler=conflicts, access=PROMOTIONS, rate="dry_run",
            id="listConflicts", summary="Which active promotions meet", tag="pricing", answer=ConflictReport,
            description="Also if no cart has met both yet: they exclude each other, add up, or one can never win.",
            errors=READ,
        ),
        Operation(
            method="POST", path="/v1/promotions/conflicts", handler=conflicts_of, access=PROMOTIONS, rate="dry_run",
            id="conflictsOfDraft", summary="Which active promotions a draft meets", tag="pricing",
            description="The draft is named `draft` in the answer.", body=PromotionDraft, answer=ConflictReport,
            errors=(*READ, PromotionInvalid, *BODY), example=PROMOTION,
        ),
    ]  # fmt: skip
