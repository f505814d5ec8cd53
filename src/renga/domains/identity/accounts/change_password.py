"""Use case: change the password, given the present one."""

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.finding import person_of
from renga.domains.identity.accounts.guard import Attempt, enter, settle
from renga.domains.identity.accounts.model import has_password_login
from renga.domains.identity.accounts.model.values import Person
from renga.domains.identity.accounts.revocations import end_all
from renga.domains.identity.accounts.set_password import news, set_password
from renga.domains.identity.contract import CallOrigin, CredentialsRefused


async def change_password(
    dependencies: AccountDependencies, account_id: str, old: str, new: str, origin: CallOrigin, keep_session: str | None
) -> None:
    async with dependencies.units.begin() as unit:
        person = await person_of(unit, account_id)
    await dependencies.passwords.check_strength(new, [person.email, person.name])
    attempt = await enter(dependencies, "password", person.email, origin)
    hashed = person.password if has_password_login(person) and not attempt.refused else None
    if not await dependencies.passwords.verify(hashed, old):
        await _refuse(dependencies, person, attempt, origin)
        raise CredentialsRefused()
    newer = await dependencies.passwords.hash(new)
    async with dependencies.units.begin() as unit:
        present = await person_of(unit, account_id, lock=True)
        if present.password != hashed:
            raise CredentialsRefused()
        await settle(unit, attempt, dependencies.clock.now_ms())
        person = await set_password(
            dependencies, unit, present, newer, how="password", address=origin.address, keep_session=keep_session
        )
    await end_all(dependencies, account_id, keep_session)
    await dependencies.mailer.send(news(dependencies, person))


async def _refuse(dependencies: AccountDependencies, person: Person, attempt: Attempt, origin: CallOrigin) -> None:
    async with dependencies.units.begin() as unit:
        await unit.record(
            "password_change_failed",
            account_id=person.id,
            by=None,
            address=origin.address,
            at_ms=dependencies.clock.now_ms(),
            details={"delayed": attempt.refused},
        )
