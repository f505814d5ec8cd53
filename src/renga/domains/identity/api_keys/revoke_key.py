"""Use case: a key is over, at once. And the check that a key is one's own to change, which rotating shares."""

from renga.domains.identity.contract import KeyNotFound, MerchantNotFound, Visitor
from renga.domains.identity.organisations.access import account_of, locked_role
from renga.domains.identity.organisations.model import Standing
from renga.domains.identity.organisations.ports import KeyStore, KeyWork


async def locked_key(work: KeyWork, by: str, key_id: str) -> Standing:
    """A key that ``by`` may change: her own, or one of a merchant whose keys she manages. Raises KeyNotFound, Forbidden.

    The merchant is locked before the key, as everywhere.
    """
    seen = await work.seen(key_id)
    if seen is None:
        raise KeyNotFound()
    if seen.key.merchant_id is None:
        if seen.key.account_id != account_of(by):
            raise KeyNotFound()
    else:
        try:
            await locked_role(work, by, seen.key.merchant_id, "manage_keys")
        except MerchantNotFound:
            raise KeyNotFound() from None
    standing = await work.locked(key_id)
    if standing is None:
        raise KeyNotFound()
    return standing


async def revoke_key(store: KeyStore, by: str, key_id: str, *, visitor: Visitor | None) -> None:
    """Raises KeyNotFound, Forbidden."""
    async with store.work() as work:
        standing = await locked_key(work, by, key_id)
        if not standing.key.revoked:
            await work.revoke(key_id)
            await work.record(
                "api_key_revoked", by=by, account_id=standing.key.account_id, visitor=visitor, key_id=key_id
            )
