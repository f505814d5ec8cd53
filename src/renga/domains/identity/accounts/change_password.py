"""Use case: another password, by who knows the present one."""

from renga.domains.identity.accounts.dependencies import Tools
from renga.domains.identity.accounts.finding import person_of
from renga.domains.identity.accounts.guard import Attempt, enter, settle
from renga.domains.identity.accounts.model import with_login
from renga.domains.identity.accounts.model.values import Person
from renga.domains.identity.accounts.revocations import end_all
from renga.domains.identity.accounts.set_password import news, set_password
from renga.domains.identity.contract import CredentialsRefused, Visitor


async def change_password(
    tools: Tools, account_id: str, old: str, new: str, visitor: Visitor, keep_session: str | None
) -> None:
    async with tools.units.begin() as unit:
        person = await person_of(unit, account_id)
    await tools.passwords.check_strength(new, [person.email, person.name])
    attempt = await enter(tools, "password", person.email, visitor)
    hashed = person.password if with_login(person) and not attempt.refused else None
    if not await tools.passwords.verify(hashed, old):
        await _refuse(tools, person, attempt, visitor)
        raise CredentialsRefused()
    newer = await tools.passwords.hash(new)
    async with tools.units.begin() as unit:
        present = await person_of(unit, account_id, lock=True)
        if present.password != hashed:
            raise CredentialsRefused()
        await settle(unit, attempt, tools.clock.now_ms())
        person = await set_password(
            tools, unit, present, newer, how="password", address=visitor.address, keep_session=keep_session
        )
    await end_all(tools, account_id, keep_session)
    await tools.mailer.send(news(tools, person))


async def _refuse(tools: Tools, person: Person, attempt: Attempt, visitor: Visitor) -> None:
    async with tools.units.begin() as unit:
        await unit.record(
            "password_change_failed",
            account_id=person.id,
            by=None,
            address=visitor.address,
            at_ms=tools.clock.now_ms(),
            details={"delayed": attempt.refused},
        )
