"""Use cases: register, list and remove passkeys, and log in with one, which counts as both factors."""

import base64
from typing import Any

from renga.domains.identity.accounts.dependencies import CHALLENGE_BYTES, AccountDependencies
from renga.domains.identity.accounts.finding import person_of
from renga.domains.identity.accounts.model import account_of, may_enter, normal_name
from renga.domains.identity.accounts.model.values import PasskeyRecord, Person
from renga.domains.identity.accounts.ports import Unit
from renga.domains.identity.contract import Authenticated, CallOrigin, Passkey, PasskeyRefused
from renga.kernel.clock import rfc3339
from renga.kernel.errors import Conflict
from renga.kernel.once import Once

PASSKEYS_MAX = 10
CHALLENGE_LIFE_MS = 5 * 60_000


class PasskeyLimitReached(Conflict):
    code = "passkey_limit_reached"
    title = "There are as many passkeys as an account may have"


async def start_passkey(dependencies: AccountDependencies, account_id: str, once: Once | None) -> dict[str, Any]:
    challenge = dependencies.random_bytes(CHALLENGE_BYTES)
    async with dependencies.units.begin() as unit:
        person = await person_of(unit, account_id)
        if (done := await unit.replay(once, dict[str, Any])) is not None:
            return done
        known = await unit.proofs.passkeys(account_id)
        if len(known) >= PASSKEYS_MAX:
            raise PasskeyLimitReached(limit=PASSKEYS_MAX)
        await _keep_challenge(dependencies, unit, challenge, account_id)
        options = dependencies.ceremonies.creation_options(person, challenge, known)
        await unit.keep(once, options)
    return options


async def finish_passkey(
    dependencies: AccountDependencies, account_id: str, credential: dict[str, Any], name: str, once: Once | None
) -> None:
    async with dependencies.units.begin() as unit:
        if await unit.earlier(once, bool):
            return  # before the challenge is taken, because the first call used it up
    shown, challenge, now_ms = (
        normal_name(name),
        dependencies.ceremonies.challenge_of(credential),
        dependencies.clock.now_ms(),
    )
    await _take_challenge(dependencies, challenge, account_id)
    passkey = dependencies.ceremonies.check_creation(
        credential, challenge, account_id=account_id, name=shown, now_ms=now_ms
    )
    async with dependencies.units.begin() as unit:
        await person_of(unit, account_id, lock=True)
        if await unit.replay(once, bool):
            return
        if len(await unit.proofs.passkeys(account_id)) >= PASSKEYS_MAX:
            raise PasskeyLimitReached(limit=PASSKEYS_MAX)
        if not await unit.proofs.add_passkey(passkey):
            raise PasskeyRefused("this passkey is kept already")
        await _record(dependencies, unit, "passkey_added", account_id, "")
        await unit.keep(once, answer=True)


async def passkeys(dependencies: AccountDependencies, account_id: str) -> tuple[Passkey, ...]:
    async with dependencies.units.begin() as unit:
        await person_of(unit, account_id)
        return tuple(shown(one) for one in await unit.proofs.passkeys(account_id))


async def remove_passkey(dependencies: AccountDependencies, account_id: str, passkey_id: str) -> None:
    try:
        credential_id = base64.urlsafe_b64decode(passkey_id + "=" * (-len(passkey_id) % 4))
    except ValueError:
        credential_id = b""
    async with dependencies.units.begin() as unit:
        await person_of(unit, account_id, lock=True)
        if await unit.proofs.remove_passkey(account_id, credential_id):
            await _record(dependencies, unit, "passkey_removed", account_id, "")


async def start_passkey_login(dependencies: AccountDependencies) -> tuple[str, dict[str, Any]]:
    challenge = dependencies.random_bytes(CHALLENGE_BYTES)
    async with dependencies.units.begin() as unit:
        await _keep_challenge(dependencies, unit, challenge, None)
    return challenge.hex(), dependencies.ceremonies.request_options(challenge)


async def passkey_login(
    dependencies: AccountDependencies, challenge_id: str, credential: dict[str, Any], origin: CallOrigin
) -> Authenticated:
    challenge = dependencies.ceremonies.challenge_of(credential)
    if challenge.hex() != challenge_id:
        raise PasskeyRefused()
    await _take_challenge(dependencies, challenge, None)
    try:
        person = await _check(dependencies, credential, challenge, origin)
    except PasskeyRefused:
        await _record_failure(dependencies, origin)
        raise
    return Authenticated(account=account_of(person), second_factor_needed=False, amr=("hwk", "mfa"))


async def _check(
    dependencies: AccountDependencies, credential: dict[str, Any], challenge: bytes, origin: CallOrigin
) -> Person:
    user = dependencies.ceremonies.user_of(credential)
    async with dependencies.units.begin() as unit:
        passkey = await unit.proofs.passkey(dependencies.ceremonies.credential_id_of(credential))
        if passkey is None or user not in (None, passkey.account_id):
            raise PasskeyRefused()
        sign_count = dependencies.ceremonies.check_request(credential, challenge, passkey)
        person = await person_of(unit, passkey.account_id)
        if person.verified_ms is None or not may_enter(person):
            raise PasskeyRefused()
        await unit.proofs.use_passkey(passkey.credential_id, sign_count, dependencies.clock.now_ms())
        await _record(dependencies, unit, "logged_in", person.id, origin.address)
    return person


async def _keep_challenge(
    dependencies: AccountDependencies, unit: Unit, challenge: bytes, account_id: str | None
) -> None:
    now_ms = dependencies.clock.now_ms()
    await unit.proofs.add_challenge(challenge, account_id, expires_ms=now_ms + CHALLENGE_LIFE_MS, now_ms=now_ms)


async def _take_challenge(dependencies: AccountDependencies, challenge: bytes, account_id: str | None) -> None:
    """In its own transaction, so that a refused credential has used its challenge up."""
    async with dependencies.units.begin() as unit:
        taken = await unit.proofs.take_challenge(challenge, account_id, dependencies.clock.now_ms())
    if not taken:
        raise PasskeyRefused()


async def _record(dependencies: AccountDependencies, unit: Unit, action: str, account_id: str, address: str) -> None:
    at_ms = dependencies.clock.now_ms()
    details = {"method": "passkey"}
    await unit.record(action, account_id=account_id, by=account_id, address=address, at_ms=at_ms, details=details)


async def _record_failure(dependencies: AccountDependencies, origin: CallOrigin) -> None:
    async with dependencies.units.begin() as unit:
        await unit.record(
            "login_failed",
            account_id=None,
            by=None,
            address=origin.address,
            at_ms=dependencies.clock.now_ms(),
            details={"method": "passkey"},
        )


def shown(one: PasskeyRecord) -> Passkey:
    """A passkey as shown to its owner."""
    return Passkey(
        id=base64.urlsafe_b64encode(one.credential_id).rstrip(b"=").decode(),
        name=one.name,
        created_at=rfc3339(one.created_ms),
        used_at=None if one.used_ms is None else rfc3339(one.used_ms),
    )
