"""Use case: everything that identity keeps about a person (LGPD article 18, GDPR article 15), ready for JSON."""

from typing import Any

import msgspec

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.finding import person_of
from renga.domains.identity.accounts.guard import Purpose, subject_of
from renga.domains.identity.accounts.model import account_of
from renga.domains.identity.accounts.model.values import Person
from renga.domains.identity.accounts.passkeys import shown
from renga.domains.identity.accounts.ports import Unit
from renga.domains.identity.contract import AuditEntry, CallOrigin
from renga.kernel.clock import rfc3339
from renga.platform.sessions.port import Session

PAGE = 500
#: Most audit entries in one export, newest first; the export says if there are more.
ENTRIES_MAX = 20_000


async def export_person(
    dependencies: AccountDependencies, account_id: str, origin: CallOrigin | None = None
) -> dict[str, Any]:
    now_ms = dependencies.clock.now_ms()
    sessions = await dependencies.sessions.of_account(account_id) if dependencies.sessions else ()
    async with dependencies.units.begin() as unit:
        person = await person_of(unit, account_id)
        trail = await _trail(unit, account_id)
        exported: dict[str, Any] = {
            "exported_at": rfc3339(now_ms),
            "account": account_of(person),
            "second_factor": await _second_factor(unit, person),
            "passkeys": [shown(one) for one in await unit.proofs.passkeys(account_id)],
            "addresses": await unit.addresses.of_account(account_id),
            "networks": await _networks(dependencies, unit, person),
            "sessions": [_session(one) for one in sessions],
            "audit": trail,
            "audit_complete": len(trail) < ENTRIES_MAX,
        }
        exported |= _with_timestamps(await unit.export_parts(account_id))
        address = origin.address if origin else ""
        await unit.record("exported", account_id=account_id, by=account_id, address=address, at_ms=now_ms)
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(exported))
    return plain


def _with_timestamps(rows: Any) -> Any:
    """The same with RFC 3339 times: ``since_ms`` becomes ``since_at``."""
    if isinstance(rows, list | tuple):
        return [_with_timestamps(one) for one in rows]
    if not isinstance(rows, dict):
        return rows
    return {
        name.removesuffix("_ms") + "_at" if name.endswith("_ms") else name: rfc3339(value)
        if name.endswith("_ms") and isinstance(value, int)
        else _with_timestamps(value)
        for name, value in rows.items()
    }


async def _trail(unit: Unit, account_id: str) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    before: int | None = None
    while len(entries) < ENTRIES_MAX:
        page = await unit.trail.entries(account_id, limit=PAGE, before=before)
        entries += page
        if len(page) < PAGE:
            break
        before = int(page[-1].id)
    return entries


async def _second_factor(unit: Unit, person: Person) -> dict[str, Any]:
    left = await unit.proofs.recovery_codes_left(person.id)
    return {"totp": person.totp, "recovery_codes_left": left}


async def _networks(dependencies: AccountDependencies, unit: Unit, person: Person) -> list[dict[str, Any]]:
    """Failed and successful attempts for the account by network (networks are stored only as hashes)."""
    exported = []
    for purpose, subject in subjects(person):
        for counter in await unit.attempts.of_subject(subject_of(dependencies, purpose, subject)):
            last, known = rfc3339(counter.last_ms), rfc3339(counter.known_ms) if counter.known_ms else None
            exported.append({"of": purpose, "failures": counter.failures, "last_at": last, "succeeded_at": known})
    return exported


def _session(session: Session) -> dict[str, Any]:
    """A session without the values that would let somebody use it."""
    return {name: value for name, value in msgspec.structs.asdict(session).items() if name != "csrf"}


def subjects(person: Person) -> list[tuple[Purpose, str]]:
    """Every counter subject of the account's attempts."""
    return [("password", person.email), ("letter", person.email), ("second_factor", person.id)]
