"""Use cases of who manages members: invite an address, list open invitations, take one back."""

from renga.domains.identity.accounts.model import digest, email_or_none
from renga.domains.identity.contract import (
    AlreadyMember,
    CallOrigin,
    EmailInvalid,
    Invitation,
    InvitationNotFound,
    MerchantRole,
    TooMany,
)
from renga.domains.identity.organisations.access import account_of, locked_role
from renga.domains.identity.organisations.model.limits import INVITATION_LIFE_MS, INVITATIONS_PER_MERCHANT_MAX
from renga.domains.identity.organisations.ports import InvitationMails, MerchantStore, RandomBytes
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource, canonical_uuid

#: Random bytes of a link.
LINK_BYTES = 32


async def invite(
    store: MerchantStore,
    mails: InvitationMails,
    by: str,
    merchant_id: str,
    email: str,
    role: MerchantRole,
    *,
    origin: CallOrigin,
    clock: Clock,
    new_id: IdSource,
    randomness: RandomBytes,
) -> Invitation:
    """Raises MerchantNotFound, Forbidden, EmailInvalid, AlreadyMember, TooMany, Unavailable.

    Nothing here depends on whether the address has an account, but the language of the mail.
    """
    address = email_or_none(email)
    link = randomness(LINK_BYTES).hex()
    async with store.work() as work:
        merchant, _ = await locked_role(work, by, merchant_id, "manage_members")
        if address is None:
            raise EmailInvalid()
        if await work.has_member(merchant.id, address):
            raise AlreadyMember()
        if await work.count_invitations(merchant.id, but=address) >= INVITATIONS_PER_MERCHANT_MAX:
            raise TooMany(limit=INVITATIONS_PER_MERCHANT_MAX)
        expires_ms = clock.now_ms() + INVITATION_LIFE_MS
        invitation = await work.put_invitation(merchant.id, new_id(), address, role, digest(link), expires_ms)
        language = await work.language_for(address, account_of(by))
        await work.record(
            "member_invited",
            by=by,
            account_id=by,
            origin=origin,
            merchant_id=merchant.id,
            invitation_id=invitation.id,
            role=role,
        )
    # after the commit: a link that was sent works. If the mail fails, inviting again sends another
    await mails.send(address, merchant, language=language, link=link, origin=origin)
    return invitation


async def revoke_invitation(
    store: MerchantStore, by: str, merchant_id: str, invitation_id: str, *, origin: CallOrigin | None
) -> None:
    """Raises MerchantNotFound, Forbidden, InvitationNotFound."""
    canonical = canonical_uuid(invitation_id)
    async with store.work() as work:
        merchant, _ = await locked_role(work, by, merchant_id, "manage_members")
        if canonical is None or not await work.take_invitation(merchant.id, canonical):
            raise InvitationNotFound()
        await work.record(
            "invitation_revoked",
            by=by,
            account_id=by,
            origin=origin,
            merchant_id=merchant.id,
            invitation_id=canonical,
        )
