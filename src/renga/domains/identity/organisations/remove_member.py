"""Use case: a member leaves a merchant or is removed by an owner; their keys of this merchant are revoked."""

from renga.domains.identity.contract import CallOrigin, LastOwner, MemberNotFound
from renga.domains.identity.organisations.access import account_of, locked_role
from renga.domains.identity.organisations.model import loses_last_owner
from renga.domains.identity.organisations.ports import MerchantStore
from renga.kernel.ids import canonical_uuid


async def remove_member(
    store: MerchantStore, by: str, merchant_id: str, account_id: str, *, origin: CallOrigin | None
) -> None:
    """Raises MerchantNotFound, Forbidden, MemberNotFound, LastOwner."""
    member = canonical_uuid(account_id)
    leaves = member is not None and member == account_of(by)
    async with store.work() as work:
        merchant, _ = await locked_role(work, by, merchant_id, "see" if leaves else "manage_members")
        found = None if member is None else await work.role(merchant.id, member)
        if member is None or found is None:
            raise MemberNotFound()
        if loses_last_owner((await work.count_members(merchant.id))[1], found[1], None):
            raise LastOwner()
        await work.drop_member(merchant.id, member)
        await work.record(
            "member_removed", by=by, account_id=member, origin=origin, merchant_id=merchant.id, old=found[1]
        )
