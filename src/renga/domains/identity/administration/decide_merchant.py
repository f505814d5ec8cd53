"""Use cases: an administrator lets a new merchant sell, or says why not."""

import msgspec

from renga.domains.identity.contract import CallOrigin, Merchant, MerchantAlreadyApproved, MerchantNotFound
from renga.domains.identity.contract.events import MerchantApproved, MerchantRejected
from renga.domains.identity.organisations.access import merchant_of
from renga.domains.identity.organisations.ports import MerchantStore
from renga.kernel.errors import Invalid
from renga.kernel.ids import IdSource

REASON_CHARACTERS_MAX = 500


async def approve_merchant(
    store: MerchantStore, by: str | None, merchant_id: str, *, origin: CallOrigin, new_id: IdSource
) -> Merchant:
    """Raises MerchantNotFound. One that was approved already stays as it is."""
    async with store.work() as work:
        merchant = await work.find_merchant(merchant_of(merchant_id))
        if merchant is None:
            raise MerchantNotFound()
        if merchant.status == "approved":
            return merchant
        approved = msgspec.structs.replace(merchant, status="approved", reason="")
        await work.decide(approved, MerchantApproved(merchant_id=merchant.id), new_id())
        await work.record("merchant_approved", by=by, account_id=None, origin=origin, merchant_id=merchant.id)
    return approved


async def reject_merchant(
    store: MerchantStore, by: str | None, merchant_id: str, *, reason: str, origin: CallOrigin, new_id: IdSource
) -> Merchant:
    """Raises MerchantNotFound, MerchantAlreadyApproved (it sells: close or lock instead), Invalid (the reason)."""
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_CHARACTERS_MAX or "\0" in reason:
        raise Invalid(f"a reason has 1 to {REASON_CHARACTERS_MAX} characters")
    async with store.work() as work:
        merchant = await work.find_merchant(merchant_of(merchant_id))
        if merchant is None:
            raise MerchantNotFound()
        if merchant.status == "approved":
            raise MerchantAlreadyApproved()
        if (merchant.status, merchant.reason) == ("rejected", reason):
            return merchant
        rejected = msgspec.structs.replace(merchant, status="rejected", reason=reason)
        await work.decide(rejected, MerchantRejected(merchant_id=merchant.id), new_id())
        await work.record(
            "merchant_rejected", by=by, account_id=None, origin=origin, merchant_id=merchant.id, reason=reason
        )
    return rejected
