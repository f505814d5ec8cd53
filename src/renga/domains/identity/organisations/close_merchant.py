"""Use case: close a merchant. Its id stays in records and its slug stays taken; memberships and keys end."""

from renga.domains.identity.contract import CallOrigin
from renga.domains.identity.organisations.access import locked_role
from renga.domains.identity.organisations.ports import MerchantStore


async def close_merchant(store: MerchantStore, by: str, merchant_id: str, *, origin: CallOrigin | None) -> None:
    """Raises MerchantNotFound, Forbidden."""
    async with store.work() as work:
        merchant, _ = await locked_role(work, by, merchant_id, "close")
        await work.close_merchant(merchant.id)
        await work.record("merchant_closed", by=by, account_id=by, origin=origin, merchant_id=merchant.id)
