"""Use case: verify the address and create the account, with the password of the registration whose link was clicked."""

from renga.domains.identity.accounts.dependencies import LINK_CHARACTERS_MAX, AccountDependencies
from renga.domains.identity.accounts.model import account_of, digest
from renga.domains.identity.accounts.model.values import Person, Registration
from renga.domains.identity.accounts.ports import EmailTaken
from renga.domains.identity.contract import Account, LinkInvalid
from renga.domains.identity.contract.events import AccountRegistered, EmailVerified


async def verify_email(dependencies: AccountDependencies, link: str) -> Account:
    if len(link) > LINK_CHARACTERS_MAX:
        raise LinkInvalid()
    now_ms = dependencies.clock.now_ms()
    try:
        async with dependencies.units.begin() as unit:
            asked = await unit.people.take_registration(digest(link), now_ms)
            if asked is None:
                raise LinkInvalid()
            person = _person(asked, now_ms)
            await unit.people.add(person)
            registered = AccountRegistered(
                account_id=person.id, stakeholders=person.stakeholders, language=person.language
            )
            await unit.announce(person, registered, event_id=dependencies.new_id(), at_ms=now_ms)
            person = await unit.people.save(person)
            verified = EmailVerified(account_id=person.id)
            await unit.announce(person, verified, event_id=dependencies.new_id(), at_ms=now_ms)
            await unit.record("email_verified", account_id=person.id, by=person.id, address="", at_ms=now_ms)
    except EmailTaken as error:
        raise LinkInvalid() from error
    return account_of(person)


def _person(asked: Registration, now_ms: int) -> Person:
    return Person(
        id=asked.account_id,
        email=asked.email,
        verified_ms=now_ms,
        name=asked.name,
        language=asked.language,
        stakeholders=("customer",),
        password=asked.password,
        created_ms=now_ms,
    )
