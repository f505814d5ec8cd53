"""REST: promotions of the caller's merchants, or every one."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.domains.pricing.contract import (
    PROMOTIONS_PAGE_MAX,
    CouponCodeTaken,
    PricingManagement,
    Promotion,
    PromotionCursorInvalid,
    PromotionDraft,
    PromotionInvalid,
    PromotionNotFound,
    PromotionPage,
    PromotionVersionMismatch,
)
from renga.domains.pricing.rest.examples import PROMOTION
from renga.domains.pricing.rest.shared import (
    BODY,
    ETAG_HELP,
    ID_HELP,
    NO_STORE,
    PROMOTIONS,
    READ,
    REPLAYED_HELP,
    etag_of,
    expected_version,
    replayed,
)
from renga.kernel.errors import PreconditionFailed
from renga.kernel.once import IdempotencyConflict
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.requests import key_of
from renga.platform.http.typed_bodies import decoded

_draft = msgspec.json.Decoder(PromotionDraft)
_encode = msgspec.json.Encoder().encode
_PATH = "/v1/promotions/{promotion_id}"


class PromotionsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query of the list of promotions."""

    limit: Annotated[
        int, Meta(description=f"Items on the page, from 1 to {PROMOTIONS_PAGE_MAX}.", ge=1, le=PROMOTIONS_PAGE_MAX)
    ] = 20
    cursor: Annotated[
        Annotated[str, Meta(min_length=1)] | None, Meta(description="`next` of the previous page of the same list.")
    ] = None


def operations(pricing: PricingManagement) -> list[Operation]:
    """The operations of ``/v1/promotions``."""
    return [*_lists(pricing), *_one(pricing)]


def _answer(promotion: Promotion, status: int = 200, *more: tuple[bytes, bytes]) -> Answer:
    return Answer(status, _encode(promotion), [etag_of(promotion.version), NO_STORE, *more])


def _lists(pricing: PricingManagement) -> list[Operation]:
    async def listed(call: Call) -> Answer:
        asked = call.query(PromotionsQuery)
        page = await pricing.promotions(call.caller, limit=asked.limit, cursor=asked.cursor)
        return Answer(200, _encode(page), [NO_STORE])

    async def create(call: Call) -> Answer:
        key, draft = key_of(call.header(b"idempotency-key")), decoded(call, _draft)
        promotion, again = await pricing.create_promotion(call.caller, draft, key=key)
        location = (b"location", f"/v1/promotions/{promotion.id}".encode())
        return _answer(promotion, 201, location, *replayed(again))

    return [
        Operation(
            method="GET", path="/v1/promotions", handler=listed, access=PROMOTIONS, rate="read", id="listPromotions",
            summary="Your promotions, newest first", tag="pricing", answer=PromotionPage, query=PromotionsQuery,
            errors=(*READ, PromotionCursorInvalid),
        ),
        Operation(
            method="POST", path="/v1/promotions", handler=create, access=PROMOTIONS, rate="write", id="createPromotion",
            summary="Create a promotion", tag="pricing", status=201, body=PromotionDraft, answer=Promotion,
            description="Conditions must all be met; actions are applied in their order. Members `type` say which one it is. "
            "A merchant's promotion touches only the merchant's lines and is borne by the merchant.",
            headers=("Idempotency-Key",), answer_headers={**ETAG_HELP, **REPLAYED_HELP},
            errors=(*READ, PromotionInvalid, CouponCodeTaken, IdempotencyConflict, *BODY), example=PROMOTION,
        ),
    ]  # fmt: skip


def _one(pricing: PricingManagement) -> list[Operation]:
    async def read(call: Call) -> Answer:
        return _answer(await pricing.promotion(call.caller, call.parameters["promotion_id"]))

    async def replace(call: Call) -> Answer:
        identifier, draft = call.parameters["promotion_id"], decoded(call, _draft)
        expected = await _expected(call, identifier)
        return _answer(await pricing.replace_promotion(call.caller, identifier, draft, expected_version=expected))

    async def remove(call: Call) -> Answer:
        identifier = call.parameters["promotion_id"]
        await pricing.remove_promotion(call.caller, identifier, expected_version=await _expected(call, identifier))
        return Answer(204)

    async def _expected(call: Call, identifier: str) -> int | None:
        if call.header(b"if-match") is None:
            return None
        return expected_version(call, (await pricing.promotion(call.caller, identifier)).version)

    found = (*READ, PromotionNotFound)
    versions = (PreconditionFailed, PromotionVersionMismatch)
    return [
        Operation(
            method="GET", path=_PATH, handler=read, access=PROMOTIONS, rate="read", id="readPromotion",
            summary="One of your promotions", tag="pricing", answer=Promotion, path_help=ID_HELP,
            answer_headers=ETAG_HELP, errors=found,
        ),
        Operation(
            method="PUT", path=_PATH, handler=replace, access=PROMOTIONS, rate="write", id="replacePromotion",
            summary="Replace a promotion", tag="pricing", body=PromotionDraft, answer=Promotion, path_help=ID_HELP,
            description="Members that are left out get their defaults. `active: false` stops it without removing it.",
            headers=("If-Match",), answer_headers=ETAG_HELP,
            errors=(*found, PromotionInvalid, CouponCodeTaken, *versions, *BODY), example=PROMOTION,
        ),
        Operation(
            method="DELETE", path=_PATH, handler=remove, access=PROMOTIONS, rate="write", id="removePromotion",
            summary="Remove a promotion with its codes", tag="pricing", status=204, path_help=ID_HELP,
            description="Orders keep what they used.", headers=("If-Match",), errors=(*found, *versions),
        ),
    ]  # fmt: skip
