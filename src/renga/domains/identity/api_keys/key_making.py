"""Shared by creating and rotating keys: the new key's entry, and the scopes that its creator may grant."""

from renga.domains.identity.api_keys.model.key_format import Hasher, Randomness, new_key, prefix_of
from renga.domains.identity.contract import ApiKey, NewKey, RateLimit
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.organisations.access import locked_actor, locked_role
from renga.domains.identity.organisations.model import Standing
from renga.domains.identity.organisations.ports import KeyWork
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339
from renga.kernel.errors import Unavailable

#: Attempts to draw a free id of 40 random bits before the random source counts as broken.
DRAWS_MAX = 4


async def locked_grantable(
    work: KeyWork, grants: Grants, caller: Caller, merchant_id: str | None
) -> tuple[str, frozenset[str]]:
    """The creating account and the scopes it may grant; locked, so that concurrent creations count keys correctly.

    Raises AccountNotFound, MerchantNotFound, Forbidden.
    """
    role = None
    if merchant_id is not None:
        _, role = await locked_role(work, caller.identified(), merchant_id, "manage_keys")
    actor = await locked_actor(work, caller.identified())
    return actor.id, grants.grantable(actor.stakeholders, role, for_merchant=merchant_id is not None)


async def add_key(
    work: KeyWork,
    *,
    account_id: str,
    merchant_id: str | None,
    name: str,
    scopes: tuple[str, ...],
    limit: RateLimit,
    life_ms: int | None,
    now_ms: int,
    hasher: Hasher,
    randomness: Randomness,
) -> NewKey:
    """Generate a key and store its hash."""
    expires_ms = None if life_ms is None else now_ms + life_ms
    for _ in range(DRAWS_MAX):
        key_id, key = new_key(randomness)
        info = ApiKey(
            id=key_id,
            name=name,
            prefix=prefix_of(key_id),
            merchant_id=merchant_id,
            account_id=account_id,
            scopes=scopes,
            limit=limit,
            created_at=rfc3339(now_ms),
            expires_at=None if expires_ms is None else rfc3339(expires_ms),
            last_used_at=None,
            revoked=False,
        )
        kept = Standing(
            key=info,
            hash=hasher.hash(key),
            expires_ms=expires_ms,
            life_ms=life_ms,
            rotated=False,
            stakeholders=(),
            role=None,
        )
        if await work.add(kept):
            return NewKey(info=info, key=key)
    raise Unavailable("no free id for a key was drawn")
