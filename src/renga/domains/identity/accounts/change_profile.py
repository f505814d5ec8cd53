"""Use case: change a person's name or language."""

import msgspec

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.finding import person_of
from renga.domains.identity.accounts.model import account_of, normal_name
from renga.domains.identity.contract import Account, CallOrigin
from renga.kernel.languages import nearest_language


async def change_profile(
    dependencies: AccountDependencies, account_id: str, *, name: str | None, language: str | None, origin: CallOrigin
) -> Account:
    """None keeps the present value. Raises AccountNotFound, NameInvalid."""
    async with dependencies.units.begin() as unit:
        person = await person_of(unit, account_id, lock=True)
        wanted = msgspec.structs.replace(
            person,
            name=person.name if name is None else normal_name(name),
            language=person.language if language is None else nearest_language(language, dependencies.mails.languages),
        )
        if wanted == person:
            return account_of(person)
        saved = await unit.people.save(wanted)
        changed = [field for field in ("name", "language") if getattr(wanted, field) != getattr(person, field)]
        await unit.record(
            "profile_changed",
            account_id=account_id,
            by=account_id,
            address=origin.address,
            at_ms=dependencies.clock.now_ms(),
            details={"fields": changed},
        )
    return account_of(saved)
