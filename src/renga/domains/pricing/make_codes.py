"""Use case: make a batch of single-use codes."""

import re
import secrets

from renga.domains.pricing.contract import CodeBatch, CodeBatchDraft, PromotionInvalid
from renga.domains.pricing.create_promotion import once_of
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.model.coupon_codes import code_digest, codes_of
from renga.domains.pricing.ports import StoredBatch
from renga.domains.pricing.read_promotion import read_promotion
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339
from renga.platform.yielding import Yielding

SEED_BYTES = 16
_PREFIX = re.compile("[A-Z0-9-]*")


async def make_codes(
    dependencies: PricingDependencies,
    caller: Caller,
    promotion_id: str,
    draft: CodeBatchDraft,
    *,
    key: str | None = None,
) -> tuple[CodeBatch, bool]:
    """The batch, and whether an earlier call with the key made it.

    Raises PromotionNotFound, PromotionInvalid (the promotion has no ``code_batches``), IdempotencyConflict.
    """
    if not _PREFIX.fullmatch(draft.prefix):
        raise PromotionInvalid([("prefix", "has only capital letters, digits and -")])
    promotion = await read_promotion(dependencies, caller, promotion_id)
    if not promotion.code_batches:
        raise PromotionInvalid([("code_batches", "is true for a promotion with single-use codes")])
    now_ms = dependencies.clock.now_ms()
    batch = CodeBatch(
        id=dependencies.new_id(), promotion=promotion.id, count=draft.count, prefix=draft.prefix,
        created_at=rfc3339(now_ms),
    )  # fmt: skip
    stored = StoredBatch(batch=batch, seed=secrets.token_bytes(SEED_BYTES))
    digests, pause = [], Yielding()
    for code in await made_codes(stored, dependencies.secret):
        digests.append(code_digest(code))
        await pause.turn()
    once = once_of(caller, f"codes of {promotion.id}", key, draft)
    made = await dependencies.codes.add(stored, digests, once, now_ms)
    return made, once is not None and once.replay.happened


async def made_codes(stored: StoredBatch, secret: bytes) -> list[str]:
    """The codes of a batch. 100,000 take a second, so others are served meanwhile."""
    pause, found = Yielding(), []
    for code in codes_of(stored.seed, secret, stored.batch.prefix, stored.batch.count):
        found.append(code)
        await pause.turn()
    return found
