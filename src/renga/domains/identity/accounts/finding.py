"""Find the person of an account id, or raise AccountNotFound; shared by the use cases."""

from renga.domains.identity.accounts.model.values import Person
from renga.domains.identity.accounts.ports import Unit
from renga.domains.identity.contract import AccountNotFound
from renga.kernel.ids import canonical_uuid


async def person_of(unit: Unit, account_id: str, *, lock: bool = False) -> Person:
    """Raises AccountNotFound, also for an erased account and a malformed id."""
    person = await unit.people.find(account_id, lock=lock) if canonical_uuid(account_id) else None
    if person is None or person.erased_ms is not None:
        raise AccountNotFound()
    return person
