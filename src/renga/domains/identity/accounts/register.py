"""Use case: request an account. The answer does not reveal whether the address is taken; a mail tells its owner."""

from renga.domains.identity.accounts.dependencies import (
    LINKS_MAX,
    LOGIN_PATH,
    VERIFICATION_LIFE_MS,
    VERIFY_PATH,
    AccountDependencies,
)
from renga.domains.identity.accounts.guard import enter
from renga.domains.identity.accounts.model import digest, normal_name
from renga.domains.identity.accounts.model.values import Person, Registration
from renga.domains.identity.contract import CallOrigin
from renga.kernel.email_address import normal_email
from renga.kernel.languages import nearest_language


async def register(
    dependencies: AccountDependencies, email: str, password: str, name: str, language: str, origin: CallOrigin
) -> None:
    address, shown, spoken = (
        normal_email(email),
        normal_name(name),
        nearest_language(language, dependencies.mails.languages),
    )
    await dependencies.passwords.check_strength(password, [address, shown])
    attempt = await enter(dependencies, "letter", address, origin)
    hashed, link = await dependencies.passwords.hash(password), dependencies.new_link()
    now_ms = dependencies.clock.now_ms()
    asked = Registration(
        link_hash=digest(link),
        account_id=dependencies.new_id(),
        email=address,
        name=shown,
        language=spoken,
        password=hashed,
        expires_ms=now_ms + VERIFICATION_LIFE_MS,
    )
    person = None if attempt.refused else await _keep(dependencies, asked, origin, now_ms)
    if attempt.refused:
        return
    if person is None:
        await dependencies.mailer.send(
            dependencies.mails.verify_email(address, shown, spoken, dependencies.url(VERIFY_PATH, link))
        )
    else:
        await dependencies.mailer.send(
            dependencies.mails.already_registered(address, person.name, person.language, dependencies.url(LOGIN_PATH))
        )


async def _keep(
    dependencies: AccountDependencies, asked: Registration, origin: CallOrigin, now_ms: int
) -> Person | None:
    async with dependencies.units.begin() as unit:
        person = await unit.people.by_email(asked.email)
        await unit.people.add_registration(asked, keep_max=LINKS_MAX, now_ms=now_ms)
        await unit.record(
            "registration_asked",
            account_id=person.id if person else asked.account_id,
            by=None,
            address=origin.address,
            at_ms=now_ms,
        )
    return person
