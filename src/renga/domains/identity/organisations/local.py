"""Implements the contract of merchants in this process, over a store."""

from renga.domains.identity.contract import (
    CallOrigin,
    Invitation,
    Member,
    Merchant,
    MerchantRole,
    MerchantStatus,
    ReceivedInvitation,
)
from renga.domains.identity.model.roles import Right
from renga.domains.identity.organisations.accept_invitation import accept_invitation, find_invitation
from renga.domains.identity.organisations.access import account_of, demand, merchant_of
from renga.domains.identity.organisations.close_merchant import close_merchant
from renga.domains.identity.organisations.create_merchant import create_merchant
from renga.domains.identity.organisations.invite import invite, revoke_invitation
from renga.domains.identity.organisations.ports import InvitationMails, MerchantStore, RandomBytes
from renga.domains.identity.organisations.remove_member import remove_member
from renga.domains.identity.organisations.rename_merchant import rename_merchant
from renga.domains.identity.organisations.set_member import set_member
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource, canonical_uuid
from renga.kernel.once import Once


class LocalMerchants:
    """Implements ``contract.Merchants``. ``approval``: new merchants wait for an administrator."""

    def __init__(
        self,
        store: MerchantStore,
        clock: Clock,
        new_id: IdSource,
        *,
        mails: InvitationMails,
        randomness: RandomBytes,
        approval: bool,
    ) -> None:
        self._store = store
        self._mails = mails
        self._status: MerchantStatus = "pending" if approval else "approved"
        self._randomness = randomness
        self._clock = clock
        self._new_id = new_id

    async def create(
        self, caller: Caller, name: str, slug: str, *, origin: CallOrigin | None = None, once: Once | None = None
    ) -> Merchant:
        return await create_merchant(
            self._store,
            caller.identified(),
            name,
            slug,
            origin=origin,
            once=once,
            status=self._status,
            clock=self._clock,
            new_id=self._new_id,
        )

    async def of_account(self, caller: Caller) -> tuple[tuple[Merchant, MerchantRole], ...]:
        # a service's subject is no account and has no memberships
        canonical = canonical_uuid(caller.identified())
        return () if canonical is None else await self._store.of_account(canonical)

    async def find(self, caller: Caller, merchant_id: str) -> Merchant:
        return await self._seen(caller, merchant_id, "see")

    async def rename(
        self, caller: Caller, merchant_id: str, name: str, *, origin: CallOrigin | None = None
    ) -> Merchant:
        return await rename_merchant(self._store, caller.identified(), merchant_id, name, origin=origin)

    async def close(self, caller: Caller, merchant_id: str, *, origin: CallOrigin | None = None) -> None:
        await close_merchant(self._store, caller.identified(), merchant_id, origin=origin)

    async def members(self, caller: Caller, merchant_id: str) -> tuple[Member, ...]:
        merchant = await self._seen(caller, merchant_id, "see_members")
        return await self._store.members(merchant.id)

    async def set_member(
        self, caller: Caller, merchant_id: str, email: str, role: MerchantRole, *, origin: CallOrigin | None = None
    ) -> Member:
        return await set_member(self._store, caller.identified(), merchant_id, email, role, origin=origin)

    async def remove_member(
        self, caller: Caller, merchant_id: str, account_id: str, *, origin: CallOrigin | None = None
    ) -> None:
        await remove_member(self._store, caller.identified(), merchant_id, account_id, origin=origin)

    async def invite(
        self, caller: Caller, merchant_id: str, email: str, role: MerchantRole, *, origin: CallOrigin
    ) -> Invitation:
        return await invite(
            self._store,
            self._mails,
            caller.identified(),
            merchant_id,
            email,
            role,
            origin=origin,
            clock=self._clock,
            new_id=self._new_id,
            randomness=self._randomness,
        )

    async def invitations(self, caller: Caller, merchant_id: str) -> tuple[Invitation, ...]:
        merchant = await self._seen(caller, merchant_id, "manage_members")
        return await self._store.invitations(merchant.id)

    async def revoke_invitation(
        self, caller: Caller, merchant_id: str, invitation_id: str, *, origin: CallOrigin | None = None
    ) -> None:
        await revoke_invitation(self._store, caller.identified(), merchant_id, invitation_id, origin=origin)

    async def invitation(self, caller: Caller, link: str) -> ReceivedInvitation:
        return await find_invitation(self._store, caller.identified(), link)

    async def accept_invitation(
        self, caller: Caller, link: str, *, origin: CallOrigin | None = None, once: Once | None = None
    ) -> tuple[Merchant, MerchantRole]:
        return await accept_invitation(self._store, caller.identified(), link, origin=origin, once=once)

    async def _seen(self, caller: Caller, merchant_id: str, right: Right) -> Merchant:
        merchant, account = merchant_of(merchant_id), account_of(caller.identified())
        return demand(await self._store.membership(merchant, account), right)[0]
