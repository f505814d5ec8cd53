"""Use case: create an API key, for the account itself or for one of its merchants. The key is shown only once."""

from collections.abc import Sequence

from renga.domains.identity.api_keys.key_making import add_key, locked_grantable
from renga.domains.identity.api_keys.model.key_format import Hasher, Randomness
from renga.domains.identity.contract import CallOrigin, NewKey, RateLimit, ScopeNotAllowed, TooMany
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.organisations.access import merchant_of
from renga.domains.identity.organisations.model import checked_life_ms, checked_limit, checked_name, checked_scopes
from renga.domains.identity.organisations.model.limits import KEYS_PER_OWNER_MAX
from renga.domains.identity.organisations.ports import ApiKeyStore
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock
from renga.kernel.once import Once


async def create_key(
    store: ApiKeyStore,
    grants: Grants,
    caller: Caller,
    name: str,
    scopes: Sequence[str],
    *,
    merchant_id: str | None,
    life_s: int | None,
    limit: RateLimit | None,
    origin: CallOrigin | None,
    once: Once | None,
    clock: Clock,
    hasher: Hasher,
    randomness: Randomness,
) -> NewKey:
    """Raises ScopeNotAllowed, MerchantNotFound, Forbidden, OrganisationInvalid, TooMany, IdempotencyConflict."""
    name, life_ms, limit = checked_name(name), checked_life_ms(life_s), checked_limit(limit)
    merchant_id = None if merchant_id is None else merchant_of(merchant_id)
    # a client with few scopes cannot create a key with more
    if beyond := [scope for scope in scopes if not caller.may(scope)]:
        raise ScopeNotAllowed(scope=" ".join(beyond))
    async with store.work() as work:
        if (done := await work.replay(once, NewKey)) is not None:
            return done
        account_id, allowed = await locked_grantable(work, grants, caller, merchant_id)
        wanted = checked_scopes(scopes, allowed)
        if await work.count_active(account_id, merchant_id) >= KEYS_PER_OWNER_MAX:
            raise TooMany(limit=KEYS_PER_OWNER_MAX)
        made = await add_key(
            work,
            account_id=account_id,
            merchant_id=merchant_id,
            name=name,
            scopes=wanted,
            limit=limit,
            life_ms=life_ms,
            now_ms=clock.now_ms(),
            hasher=hasher,
            randomness=randomness,
        )
        await work.record(
            "api_key_created",
            by=account_id,
            account_id=account_id,
            origin=origin,
            key_id=made.info.id,
            merchant_id=merchant_id,
            scopes=list(wanted),
        )
        await work.keep(once, made)
    return made
