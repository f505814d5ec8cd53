"""Use case: hold one use of each promotion of a quote for a checkout."""

import hashlib

import msgspec

from renga.domains.pricing.contract import PromotionNotFound, RedemptionHold
from renga.domains.pricing.dependencies import RedemptionDependencies
from renga.domains.pricing.model.coupon_codes import code_digest
from renga.domains.pricing.ports import HeldUse, NewRedemption
from renga.domains.pricing.recording import EventsOfRedemption
from renga.kernel.clock import from_rfc3339
from renga.kernel.errors import Invalid
from renga.kernel.ids import canonical_uuid

KEY_CHARS_MAX, CUSTOMER_CHARS_MAX, USES_MAX = 200, 200, 200


async def redeem_promotions(dependencies: RedemptionDependencies, hold: RedemptionHold) -> None:
    """Raises CouponExhausted, CouponUsed, PromotionNotFound, IdempotencyConflict, RedemptionEnded, Invalid."""
    uses = _uses(hold)
    parts = [(use.promotion, use.amount, use.currency, use.code) for use in uses]
    new = NewRedemption(
        key=checked_key(hold.key),
        uses=uses,
        customer=hold.customer,
        fingerprint=hashlib.sha256(msgspec.json.encode([hold.customer, parts])).digest(),
        made_ms=dependencies.clock.now_ms(),
        expires_ms=_deadline(hold.expires_at),
    )
    await dependencies.redemptions.redeem(new, EventsOfRedemption(dependencies, hold.key))


def checked_key(key: str) -> str:
    """Raises Invalid."""
    if not 1 <= len(key) <= KEY_CHARS_MAX or not key.isprintable():
        raise Invalid(f"a redemption's key has 1 to {KEY_CHARS_MAX} printable characters", field="key")
    return key


def _uses(hold: RedemptionHold) -> tuple[HeldUse, ...]:
    """Sorted by promotion, so that two redemptions never wait for each other in a circle."""
    if hold.customer is not None and not 1 <= len(hold.customer) <= CUSTOMER_CHARS_MAX:
        raise Invalid(f"a customer has 1 to {CUSTOMER_CHARS_MAX} characters", field="customer")
    if len(hold.uses) > USES_MAX:
        raise Invalid(f"a redemption has at most {USES_MAX} uses", field="uses")
    found: dict[str, HeldUse] = {}
    for use in hold.uses:
        if (promotion := canonical_uuid(use.promotion)) is None:
            raise PromotionNotFound(f"there is no promotion {use.promotion[:100]!r}")
        if promotion in found:
            raise Invalid("a promotion is used once in an order", field="uses")
        digest = None if use.code is None else code_digest(use.code)
        found[promotion] = HeldUse(
            promotion=promotion,
            amount=use.discount.amount,
            currency=use.discount.currency,
            code=use.code,
            digest=digest,
        )
    return tuple(found[promotion] for promotion in sorted(found))


def _deadline(text: str) -> int:
    try:
        return from_rfc3339(text)
    except ValueError as error:
        raise Invalid("expires_at is not a moment of RFC 3339", field="expires_at") from error
