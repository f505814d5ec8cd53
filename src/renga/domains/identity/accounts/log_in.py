"""Use case: the first factor. All failures look alike (one verification, the same SQL, one answer), to prevent enumeration."""

import msgspec

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.guard import Attempt, enter, settle
from renga.domains.identity.accounts.model import (
    account_of,
    email_or_none,
    has_password_login,
    may_enter,
    needs_second_factor,
)
from renga.domains.identity.accounts.model.values import Person
from renga.domains.identity.contract import Authenticated, CallOrigin, CredentialsRefused


async def log_in(dependencies: AccountDependencies, email: str, password: str, origin: CallOrigin) -> Authenticated:
    address = email_or_none(email) or ""
    attempt = await enter(dependencies, "password", address, origin)
    async with dependencies.units.begin() as unit:
        person = await unit.people.by_email(address)
    hashed = person.password if person and has_password_login(person) and not attempt.refused else None
    right = await dependencies.passwords.verify(hashed, password)
    if person is None or hashed is None or not right:
        await _refuse(dependencies, person, attempt, origin)
        raise CredentialsRefused()
    newer = await dependencies.passwords.hash(password) if dependencies.passwords.outdated(hashed) else hashed
    present = await _complete_login(dependencies, person, newer, attempt, origin)
    needed = needs_second_factor(present)
    return Authenticated(account=account_of(present), second_factor_needed=needed, amr=("pwd",))


async def _refuse(
    dependencies: AccountDependencies, person: Person | None, attempt: Attempt, origin: CallOrigin
) -> None:
    async with dependencies.units.begin() as unit:
        await unit.record(
            "login_failed",
            account_id=person.id if person else None,
            by=None,
            address=origin.address,
            at_ms=dependencies.clock.now_ms(),
            details={"method": "pwd", "delayed": attempt.refused},
        )


async def _complete_login(
    dependencies: AccountDependencies, seen: Person, newer: str, attempt: Attempt, origin: CallOrigin
) -> Person:
    """Complete the login under lock. Refuse it if the password was changed since the check."""
    now_ms = dependencies.clock.now_ms()
    async with dependencies.units.begin() as unit:
        person = await unit.people.find(seen.id, lock=True)
        if person is None or person.password != seen.password or not may_enter(person):
            raise CredentialsRefused()
        await settle(unit, attempt, now_ms)
        if newer != person.password:
            person = await unit.people.save(msgspec.structs.replace(person, password=newer))
        await unit.record(
            "password_accepted" if needs_second_factor(person) else "logged_in",
            account_id=person.id,
            by=person.id,
            address=origin.address,
            at_ms=now_ms,
            details={"method": "pwd"},
        )
    return person
