"""Use cases of who was invited: see what a link invites to, and accept it. Both only for the account of the address."""

from renga.domains.identity.accounts.model import digest
from renga.domains.identity.contract import (
    AlreadyMember,
    CallOrigin,
    InvitationNotFound,
    Merchant,
    MerchantRole,
    ReceivedInvitation,
    TooMany,
)
from renga.domains.identity.organisations.access import account_of, locked_actor
from renga.domains.identity.organisations.model.limits import MEMBERS_PER_MERCHANT_MAX
from renga.domains.identity.organisations.ports import MerchantStore
from renga.kernel.clock import rfc3339
from renga.kernel.once import Once

#: Longest link that is looked at.
LINK_CHARACTERS_MAX = 100


async def find_invitation(store: MerchantStore, by: str, link: str) -> ReceivedInvitation:
    """Raises InvitationNotFound, AccountNotFound."""
    account = account_of(by)
    found = await store.invited(digest(link)) if len(link) <= LINK_CHARACTERS_MAX else None
    if found is None or await store.email_of(account) != found.email:
        raise InvitationNotFound()
    return ReceivedInvitation(
        merchant_id=found.merchant.id,
        merchant_name=found.merchant.name,
        role=found.role,
        expires_at=rfc3339(found.expires_ms),
    )


async def accept_invitation(
    store: MerchantStore, by: str, link: str, *, origin: CallOrigin | None, once: Once | None
) -> tuple[Merchant, MerchantRole]:
    """Raises InvitationNotFound, AlreadyMember, TooMany, AccountNotFound, IdempotencyConflict."""
    async with store.work() as work:
        if (done := await work.replay(once, tuple[Merchant, MerchantRole])) is not None:
            return done
        found = await work.invited(digest(link)) if len(link) <= LINK_CHARACTERS_MAX else None
        if found is None:
            raise InvitationNotFound()
        # the merchant's lock comes before the account's, as everywhere
        member = await work.role(found.merchant.id, account_of(by))
        actor = await locked_actor(work, by)
        if actor.email != found.email or not await work.take_invitation(found.merchant.id, found.id):
            raise InvitationNotFound()
        if member is not None:
            raise AlreadyMember()
        if (await work.count_members(found.merchant.id))[0] >= MEMBERS_PER_MERCHANT_MAX:
            raise TooMany(limit=MEMBERS_PER_MERCHANT_MAX)
        await work.put_member(found.merchant.id, actor.id, found.role)
        await work.record(
            "invitation_accepted",
            by=actor.id,
            account_id=actor.id,
            origin=origin,
            merchant_id=found.merchant.id,
            invitation_id=found.id,
            role=found.role,
        )
        await work.keep(once, (found.merchant, found.role))
    return found.merchant, found.role
