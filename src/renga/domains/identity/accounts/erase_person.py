"""Use case: anonymise an account. Its id stays for records and the audit trail. Idempotent."""

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.export_person import subjects
from renga.domains.identity.accounts.guard import subject_of
from renga.domains.identity.accounts.model import without_person
from renga.domains.identity.accounts.model.values import Person
from renga.domains.identity.accounts.ports import Unit
from renga.domains.identity.accounts.revocations import end_all
from renga.domains.identity.contract import AccountNotFound, CallOrigin
from renga.domains.identity.contract.events import AccountErased
from renga.kernel.ids import canonical_uuid


async def erase_person(dependencies: AccountDependencies, account_id: str, origin: CallOrigin) -> None:
    if not canonical_uuid(account_id):
        raise AccountNotFound()
    async with dependencies.units.begin() as unit:
        person = await unit.people.find(account_id, lock=True)
        if person is None:
            raise AccountNotFound()
        await unit.erase_parts(account_id, at_ms=dependencies.clock.now_ms())
        if person.erased_ms is None:
            await _erase(dependencies, unit, person)
    await end_all(dependencies, account_id, None)


async def _erase(dependencies: AccountDependencies, unit: Unit, person: Person) -> None:
    """The audit entry has no network address, because that would be new personal data."""
    now_ms = dependencies.clock.now_ms()
    await unit.erase_person(
        person, [subject_of(dependencies, purpose, subject) for purpose, subject in subjects(person)]
    )
    gone = await unit.people.save(without_person(person, now_ms))
    await unit.announce(gone, AccountErased(account_id=gone.id), event_id=dependencies.new_id(), at_ms=now_ms)
    await unit.record("erased", account_id=gone.id, by=gone.id, address="", at_ms=now_ms)
