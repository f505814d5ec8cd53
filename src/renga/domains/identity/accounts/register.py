"""Use case: ask for an account. Nothing tells the asker whether the address has one already; a mail tells its owner."""

from renga.domains.identity.accounts.dependencies import (
    LINKS_MAX,
    LOGIN_PATH,
    VERIFICATION_LIFE_MS,
    VERIFY_PATH,
    Tools,
)
from renga.domains.identity.accounts.guard import enter
from renga.domains.identity.accounts.model import digest, normal_email, normal_name
from renga.domains.identity.accounts.model.values import Person, Registration
from renga.domains.identity.contract import Visitor
from renga.kernel.languages import nearest_language


async def register(tools: Tools, email: str, password: str, name: str, language: str, visitor: Visitor) -> None:
    address, shown, spoken = normal_email(email), normal_name(name), nearest_language(language, tools.letters.languages)
    await tools.passwords.check_strength(password, [address, shown])
    attempt = await enter(tools, "letter", address, visitor)
    hashed, link = await tools.passwords.hash(password), tools.new_link()
    now_ms = tools.clock.now_ms()
    asked = Registration(
        link_hash=digest(link),
        account_id=tools.new_id(),
        email=address,
        name=shown,
        language=spoken,
        password=hashed,
        expires_ms=now_ms + VERIFICATION_LIFE_MS,
    )
    person = None if attempt.refused else await _keep(tools, asked, visitor, now_ms)
    if attempt.refused:
        return
    if person is None:
        await tools.mailer.send(tools.letters.verify_email(address, shown, spoken, tools.url(VERIFY_PATH, link)))
    else:
        await tools.mailer.send(
            tools.letters.already_registered(address, person.name, person.language, tools.url(LOGIN_PATH))
        )


async def _keep(tools: Tools, asked: Registration, visitor: Visitor, now_ms: int) -> Person | None:
    async with tools.units.begin() as unit:
        person = await unit.people.by_email(asked.email)
        await unit.people.add_registration(asked, keep_max=LINKS_MAX, now_ms=now_ms)
        await unit.record(
            "registration_asked",
            account_id=person.id if person else asked.account_id,
            by=None,
            address=visitor.address,
            at_ms=now_ms,
        )
    return person
