"""Use cases of administrators: list accounts and merchants, lock and unlock an account, end its sessions."""

import msgspec

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.finding import person_of
from renga.domains.identity.accounts.model import account_of, email_or_none
from renga.domains.identity.accounts.model.values import Person
from renga.domains.identity.accounts.revocations import end_all
from renga.domains.identity.administration.decide_merchant import approve_merchant, reject_merchant
from renga.domains.identity.administration.ports import Directory
from renga.domains.identity.contract import (
    ADMINISTRATION,
    AccountNotFound,
    AccountStanding,
    CallOrigin,
    Merchant,
    MerchantStanding,
    MerchantStatus,
    OwnAccount,
    Stakeholder,
)
from renga.domains.identity.contract.events import AccountLocked, AccountUnlocked
from renga.domains.identity.organisations.ports import MerchantStore
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339
from renga.kernel.errors import Invalid
from renga.kernel.ids import canonical_uuid

PAGE_MAX, REASON_CHARACTERS_MAX = 500, 500


class LocalAdministration:
    """Implements ``contract.Administration``."""

    def __init__(self, dependencies: AccountDependencies, directory: Directory, store: MerchantStore) -> None:
        self._dependencies = dependencies
        self._store = store
        self._directory = directory

    async def accounts(
        self,
        caller: Caller,
        *,
        email: str | None = None,
        stakeholder: Stakeholder | None = None,
        limit: int,
        before: str | None = None,
    ) -> tuple[AccountStanding, ...]:
        caller.require(ADMINISTRATION)
        address = None if email is None else email_or_none(email)
        if email is not None and address is None:
            return ()
        people = await self._directory.people(address, stakeholder, _place(before), min(limit, PAGE_MAX))
        return tuple(_standing(person) for person in people)

    async def account(self, caller: Caller, account_id: str) -> AccountStanding:
        caller.require(ADMINISTRATION)
        async with self._dependencies.units.begin() as unit:
            return _standing(await person_of(unit, account_id))

    async def lock(self, caller: Caller, account_id: str, *, reason: str, origin: CallOrigin) -> AccountStanding:
        caller.require(ADMINISTRATION)
        if canonical_uuid(account_id) == caller.subject:
            raise OwnAccount()
        if not 1 <= len(reason.strip()) <= REASON_CHARACTERS_MAX or "\0" in reason:
            raise Invalid(f"a reason has 1 to {REASON_CHARACTERS_MAX} characters")
        person = await self._set(caller, account_id, origin, locked=True, reason=reason.strip())
        await end_all(self._dependencies, person.id, None)
        return _standing(person)

    async def unlock(self, caller: Caller, account_id: str, *, origin: CallOrigin) -> AccountStanding:
        caller.require(ADMINISTRATION)
        return _standing(await self._set(caller, account_id, origin, locked=False))

    async def end_sessions(self, caller: Caller, account_id: str, *, origin: CallOrigin) -> None:
        caller.require(ADMINISTRATION)
        dependencies = self._dependencies
        async with dependencies.units.begin() as unit:
            person = await person_of(unit, account_id)
            await unit.record(
                "sessions_ended",
                account_id=person.id,
                by=caller.subject,
                address=origin.address,
                at_ms=dependencies.clock.now_ms(),
            )
        for revoker in dependencies.revokers:
            await revoker.revoke(person.id)

    async def merchants(
        self, caller: Caller, *, status: MerchantStatus | None = None, limit: int, before: str | None = None
    ) -> tuple[MerchantStanding, ...]:
        caller.require(ADMINISTRATION)
        return tuple(await self._directory.merchants(status, _place(before), min(limit, PAGE_MAX)))

    async def approve_merchant(self, caller: Caller, merchant_id: str, *, origin: CallOrigin) -> Merchant:
        caller.require(ADMINISTRATION)
        return await approve_merchant(
            self._store, caller.subject, merchant_id, origin=origin, new_id=self._dependencies.new_id
        )

    async def reject_merchant(self, caller: Caller, merchant_id: str, *, reason: str, origin: CallOrigin) -> Merchant:
        caller.require(ADMINISTRATION)
        return await reject_merchant(
            self._store, caller.subject, merchant_id, reason=reason, origin=origin, new_id=self._dependencies.new_id
        )

    async def _set(
        self, caller: Caller, account_id: str, origin: CallOrigin, *, locked: bool, reason: str = ""
    ) -> Person:
        dependencies, now_ms = self._dependencies, self._dependencies.clock.now_ms()
        async with dependencies.units.begin() as unit:
            person = await person_of(unit, account_id, lock=True)
            if (person.locked_ms is not None) == locked:
                return person
            person = await unit.people.save(msgspec.structs.replace(person, locked_ms=now_ms if locked else None))
            fact = AccountLocked(account_id=person.id) if locked else AccountUnlocked(account_id=person.id)
            await unit.announce(person, fact, event_id=dependencies.new_id(), at_ms=now_ms)
            await unit.record(
                "locked" if locked else "unlocked",
                account_id=person.id,
                by=caller.subject,
                address=origin.address,
                at_ms=now_ms,
                details={"reason": reason} if locked else {},
            )
        return person


def _place(before: str | None) -> str | None:
    """The start of a page. Raises AccountNotFound for a malformed id."""
    if before is None:
        return None
    place = canonical_uuid(before)
    if place is None:
        raise AccountNotFound()
    return place


def _standing(person: Person) -> AccountStanding:
    return AccountStanding(
        account=account_of(person), locked_at=None if person.locked_ms is None else rfc3339(person.locked_ms)
    )
