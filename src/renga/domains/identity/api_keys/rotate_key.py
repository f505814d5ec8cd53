"""Use case: rotate a key. Both keys are valid during the overlap, so that its users are never without one."""

from renga.domains.identity.api_keys.key_making import add_key, locked_grantable
from renga.domains.identity.api_keys.model.key_format import Hasher, Randomness
from renga.domains.identity.api_keys.revoke_key import locked_key
from renga.domains.identity.contract import CallOrigin, KeyNotActive, NewKey
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.organisations.model import checked_overlap_ms, checked_scopes, is_active
from renga.domains.identity.organisations.ports import ApiKeyStore
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock
from renga.kernel.once import Once


async def rotate_key(
    store: ApiKeyStore,
    grants: Grants,
    caller: Caller,
    key_id: str,
    *,
    merchant_id: str | None,
    overlap_s: int,
    origin: CallOrigin | None,
    once: Once | None,
    clock: Clock,
    hasher: Hasher,
    randomness: Randomness,
) -> NewKey:
    """Raises what ``locked_key`` raises, and KeyNotActive, ScopeNotAllowed, OrganisationInvalid, IdempotencyConflict."""
    overlap_ms = checked_overlap_ms(overlap_s)
    async with store.work() as work:
        if (done := await work.replay(once, NewKey)) is not None:
            return done
        old = await locked_key(work, caller, merchant_id, key_id)
        now_ms = clock.now_ms()
        if old.rotated or not is_active(old, now_ms):
            raise KeyNotActive()
        account_id, allowed = await locked_grantable(work, grants, caller, old.key.merchant_id)
        made = await add_key(
            work,
            account_id=account_id,
            merchant_id=old.key.merchant_id,
            name=old.key.name,
            scopes=checked_scopes(old.key.scopes, allowed),
            limit=old.key.limit,
            life_ms=old.life_ms,
            now_ms=now_ms,
            hasher=hasher,
            randomness=randomness,
        )
        await work.supersede(old.key.id, made.info.id, now_ms + overlap_ms)
        await work.record(
            "api_key_rotated",
            by=account_id,
            account_id=old.key.account_id,
            origin=origin,
            key_id=old.key.id,
            successor=made.info.id,
            overlap_s=overlap_s,
        )
        await work.keep(once, made)
    return made
