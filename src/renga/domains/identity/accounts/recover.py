"""Use cases: request a recovery link, and set a new password by that link."""

from renga.domains.identity.accounts.dependencies import (
    LINK_CHARACTERS_MAX,
    LINKS_MAX,
    RECOVER_PATH,
    RECOVERY_LIFE_MS,
    AccountDependencies,
)
from renga.domains.identity.accounts.finding import person_of
from renga.domains.identity.accounts.guard import enter, trust
from renga.domains.identity.accounts.model import account_of, digest, email_or_none, may_enter
from renga.domains.identity.accounts.revocations import end_all
from renga.domains.identity.accounts.set_password import news, set_password
from renga.domains.identity.contract import Account, CallOrigin, LinkInvalid


async def start_recovery(dependencies: AccountDependencies, email: str, origin: CallOrigin) -> None:
    address = email_or_none(email) or ""
    attempt = await enter(dependencies, "letter", address, origin)
    link, now_ms = dependencies.new_link(), dependencies.clock.now_ms()
    if attempt.refused:
        return
    async with dependencies.units.begin() as unit:
        person = await unit.people.by_email(address)
        await unit.people.add_recovery(
            address, digest(link), expires_ms=now_ms + RECOVERY_LIFE_MS, keep_max=LINKS_MAX, now_ms=now_ms
        )
        await unit.record(
            "recovery_asked",
            account_id=person.id if person else None,
            by=None,
            address=origin.address,
            at_ms=now_ms,
        )
    if person is not None:
        url = dependencies.url(RECOVER_PATH, link)
        await dependencies.mailer.send(
            dependencies.mails.recover_account(person.email, person.name, person.language, url)
        )


async def finish_recovery(dependencies: AccountDependencies, link: str, password: str, origin: CallOrigin) -> Account:
    hashed = await _checked_hash(dependencies, link, password)
    now_ms = dependencies.clock.now_ms()
    async with dependencies.units.begin() as unit:
        account_id = await unit.people.take_recovery(digest(link), now_ms)
        if account_id is None:
            raise LinkInvalid()
        person = await person_of(unit, account_id, lock=True)
        if not may_enter(person):
            raise LinkInvalid()
        person = await set_password(dependencies, unit, person, hashed, how="recovery", address=origin.address)
        # failed guesses preceded the recovery: they must not make this network refuse the new password
        await trust(dependencies, unit, "password", person.email, origin)
    await end_all(dependencies, person.id, None)
    await dependencies.mailer.send(news(dependencies, person))
    return account_of(person)


async def _checked_hash(dependencies: AccountDependencies, link: str, password: str) -> str:
    """The new password's hash. A wrong link costs no hashing; a refused password does not use the link up."""
    if len(link) > LINK_CHARACTERS_MAX:
        raise LinkInvalid()
    async with dependencies.units.begin() as unit:
        account_id = await unit.people.recovery_of(digest(link), dependencies.clock.now_ms())
        if account_id is None:
            raise LinkInvalid()
        person = await person_of(unit, account_id)
    await dependencies.passwords.check_strength(password, [person.email, person.name])
    return await dependencies.passwords.hash(password)
