"""Use case: add a member to a merchant, or change their role."""

from renga.domains.identity.accounts.model import email_or_none
from renga.domains.identity.contract import CallOrigin, LastOwner, Member, MemberNotFound, MerchantRole, TooMany
from renga.domains.identity.organisations.access import locked_role
from renga.domains.identity.organisations.model import loses_last_owner
from renga.domains.identity.organisations.model.limits import MEMBERS_PER_MERCHANT_MAX
from renga.domains.identity.organisations.ports import MerchantStore


async def set_member(
    store: MerchantStore, by: str, merchant_id: str, email: str, role: MerchantRole, *, origin: CallOrigin | None
) -> Member:
    """Raises MerchantNotFound, Forbidden, MemberNotFound (no verified account of that address), LastOwner, TooMany."""
    async with store.work() as work:
        merchant, _ = await locked_role(work, by, merchant_id, "manage_members")
        address = email_or_none(email)
        actor = None if address is None else await work.actor_by_email(address)
        if actor is None:
            raise MemberNotFound()
        found = await work.role(merchant.id, actor.id)
        old = found[1] if found else None
        members, owners = await work.count_members(merchant.id)
        if loses_last_owner(owners, old, role):
            raise LastOwner()
        if old is None and members >= MEMBERS_PER_MERCHANT_MAX:
            raise TooMany(limit=MEMBERS_PER_MERCHANT_MAX)
        if old != role:
            await work.put_member(merchant.id, actor.id, role)
            await work.record(
                "member_set", by=by, account_id=actor.id, origin=origin, merchant_id=merchant.id, role=role, old=old
            )
    return Member(account_id=actor.id, email=actor.email, name=actor.name, role=role)
