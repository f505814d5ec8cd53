"""Use case: rename a merchant; its slug, which others link to, stays."""

import msgspec

from renga.domains.identity.contract import CallOrigin, Merchant
from renga.domains.identity.organisations.access import locked_role
from renga.domains.identity.organisations.model import checked_name
from renga.domains.identity.organisations.ports import MerchantStore


async def rename_merchant(
    store: MerchantStore, by: str, merchant_id: str, name: str, *, origin: CallOrigin | None
) -> Merchant:
    """Raises MerchantNotFound, Forbidden, OrganisationInvalid."""
    name = checked_name(name)
    async with store.work() as work:
        merchant, _ = await locked_role(work, by, merchant_id, "rename")
        await work.rename_merchant(merchant.id, name)
        await work.record("merchant_renamed", by=by, account_id=by, origin=origin, merchant_id=merchant.id)
    return msgspec.structs.replace(merchant, name=name)
