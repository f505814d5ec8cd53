"""A new password for a person, in an open unit of work: written, told, and a mail for her; shared by two use cases."""

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
    """The person as she is now; her address counts as proved when ``how`` is recovery, for the link came by mail."""
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
    """Tells her, so that a change that was not hers does not stay unseen."""
    return dependencies.letters.password_changed(
        person.email, person.name, person.language, dependencies.url(FORGOTTEN_PATH)
    )
