"""Set a person's password in an open unit of work, with audit entry and event, and write the mail; shared by two use cases."""

import msgspec

from renga.domains.identity.accounts.dependencies import FORGOTTEN_PATH, AccountDependencies
from renga.domains.identity.accounts.model.values import Person
from renga.domains.identity.accounts.ports import Unit
from renga.domains.identity.contract.events import PasswordChanged
from renga.platform.mail.port import Mail


async def set_password(
    dependencies: AccountDependencies,
    unit: Unit,
    person: Person,
    hashed: str,
    *,
    how: str,
    address: str,
    keep_session: str | None = None,
) -> Person:
    """Returns the changed person. A recovery also verifies the address, because its link came by mail."""
    now_ms = dependencies.clock.now_ms()
    verified_ms = person.verified_ms or (now_ms if how == "recovery" else None)
    person = await unit.people.save(msgspec.structs.replace(person, password=hashed, verified_ms=verified_ms))
    fact = PasswordChanged(account_id=person.id, kept_session=keep_session)
    await unit.announce(person, fact, event_id=dependencies.new_id(), at_ms=now_ms)
    await unit.record(
        "password_changed", account_id=person.id, by=person.id, address=address, at_ms=now_ms, details={"how": how}
    )
    return person


def news(dependencies: AccountDependencies, person: Person) -> Mail:
    """The mail that tells the owner, so that they notice a change that they did not make."""
    return dependencies.mails.password_changed(
        person.email, person.name, person.language, dependencies.url(FORGOTTEN_PATH)
    )
