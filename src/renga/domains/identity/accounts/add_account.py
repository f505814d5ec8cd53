"""Use cases of the shop's operators: create an account without a registration, and set the kinds of an account."""

from collections.abc import Sequence

import msgspec

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.finding import person_of
from renga.domains.identity.accounts.model import account_of, normal_name
from renga.domains.identity.accounts.model.values import Person
from renga.domains.identity.accounts.revocations import end_all
from renga.domains.identity.contract import Account, Stakeholder
from renga.domains.identity.contract.events import AccountRegistered
from renga.kernel.email_address import normal_email
from renga.kernel.languages import nearest_language


async def add_account(
    dependencies: AccountDependencies,
    email: str,
    name: str,
    *,
    language: str,
    stakeholders: Sequence[Stakeholder],
    by: str | None,
    password: str | None = None,
    verified: bool = False,
) -> Account:
    """Without a password the owner sets one by the recovery link. Raises EmailInvalid, PasswordRefused, EmailTaken."""
    address, shown = normal_email(email), normal_name(name)
    if password is not None:
        await dependencies.passwords.check_strength(password, [address, shown])
    now_ms = dependencies.clock.now_ms()
    person = Person(
        id=dependencies.new_id(),
        email=address,
        verified_ms=now_ms if verified else None,
        name=shown,
        language=nearest_language(language, dependencies.mails.languages),
        stakeholders=tuple(dict.fromkeys(stakeholders)),
        password=None if password is None else await dependencies.passwords.hash(password),
        created_ms=now_ms,
    )
    fact = AccountRegistered(account_id=person.id, stakeholders=person.stakeholders, language=person.language)
    async with dependencies.units.begin() as unit:
        await unit.people.add(person)
        await unit.announce(person, fact, event_id=dependencies.new_id(), at_ms=now_ms)
        await unit.record(
            "account_added",
            account_id=person.id,
            by=by,
            address="",
            at_ms=now_ms,
            details={"stakeholders": list(person.stakeholders)},
        )
    return account_of(person)


async def set_stakeholders(
    dependencies: AccountDependencies, account_id: str, stakeholders: Sequence[Stakeholder], *, by: str | None
) -> Account:
    """Set the kinds of the account; ends its sessions and refresh tokens, which carry the old scopes."""
    wanted = tuple(dict.fromkeys(stakeholders))
    async with dependencies.units.begin() as unit:
        person = await person_of(unit, account_id, lock=True)
        if person.stakeholders == wanted:
            return account_of(person)
        person = await unit.people.save(msgspec.structs.replace(person, stakeholders=wanted))
        await unit.record(
            "stakeholders_set",
            account_id=account_id,
            by=by,
            address="",
            at_ms=dependencies.clock.now_ms(),
            details={"stakeholders": list(wanted)},
        )
    await end_all(dependencies, account_id, None)
    return account_of(person)
