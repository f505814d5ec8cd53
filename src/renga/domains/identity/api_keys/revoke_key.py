"""Use case: revoke a key at once. Also the ownership check, shared with rotation."""

from renga.domains.identity.contract import CallOrigin, KeyNotFound
from renga.domains.identity.organisations.access import account_of, locked_role
from renga.domains.identity.organisations.model import Standing
from renga.domains.identity.organisations.ports import ApiKeyStore, KeyWork
from renga.kernel.caller import Caller


async def locked_key(work: KeyWork, caller: Caller, merchant_id: str | None, key_id: str) -> Standing:
    """The caller's own key (``merchant_id`` is None), or a key of a merchant whose keys the caller manages.

    A key of another owner is not found, even if the caller manages that owner's keys too, because a scope covers one owner.
    Locks the merchant before the key, like all use cases. Raises KeyNotFound, MerchantNotFound, Forbidden.
    """
    account = account_of(caller.identified())
    if merchant_id is not None:
        merchant_id = (await locked_role(work, account, merchant_id, "manage_keys"))[0].id
    standing = await work.locked(key_id)
    if standing is None or standing.key.merchant_id != merchant_id:
        raise KeyNotFound()
    if merchant_id is None and standing.key.account_id != account:
        raise KeyNotFound()
    return standing


async def revoke_key(
    store: ApiKeyStore, caller: Caller, key_id: str, *, merchant_id: str | None, origin: CallOrigin | None
) -> None:
    """Raises KeyNotFound, MerchantNotFound, Forbidden."""
    async with store.work() as work:
        standing = await locked_key(work, caller, merchant_id, key_id)
        if not standing.key.revoked:
            await work.revoke(key_id)
            await work.record(
                "api_key_revoked", by=caller.subject, account_id=standing.key.account_id, origin=origin, key_id=key_id
            )
