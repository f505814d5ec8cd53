"""Use case: another role for a member. Nobody becomes a member here: see ``invite.py``."""

from renga.domains.identity.accounts.model import email_or_none
from renga.domains.identity.contract import CallOrigin, LastOwner, Member, MemberNotFound, MerchantRole
from renga.domains.identity.organisations.access import locked_role
from renga.domains.identity.organisations.model import loses_last_owner
from renga.domains.identity.organisations.ports import MerchantStore


async def set_member(
    store: MerchantStore, by: str, merchant_id: str, email: str, role: MerchantRole, *, origin: CallOrigin | None
) -> Member:
    """Raises MerchantNotFound, Forbidden, MemberNotFound (whether the address has an account or not), LastOwner."""
    async with store.work() as work:
        merchant, _ = await locked_role(work, by, merchant_id, "manage_members")
        address = email_or_none(email)
        actor = None if address is None else await work.actor_by_email(address)
        found = None if actor is None else await work.role(merchant.id, actor.id)
        if actor is None or found is None:
            raise MemberNotFound()
        old = found[1]
        if loses_last_owner((await work.count_members(merchant.id))[1], old, role):
            raise LastOwner()
        if old != role:
            await work.put_member(merchant.id, actor.id, role)
            await work.record(
                "member_set", by=by, account_id=actor.id, origin=origin, merchant_id=merchant.id, role=role, old=old
            )
    return Member(account_id=actor.id, email=actor.email, name=actor.name, role=role)
