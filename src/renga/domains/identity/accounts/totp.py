"""Use cases: set up, confirm and remove the second factor (TOTP)."""

import io

import msgspec
import pyotp
import segno

from renga.domains.identity.accounts.codes import DIGITS, STEP_S, matching_step, new_recovery_codes, use_code
from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.finding import person_of
from renga.domains.identity.accounts.guard import enter, settle
from renga.domains.identity.accounts.model import digest, is_staff, normal_code
from renga.domains.identity.accounts.model.values import TotpState
from renga.domains.identity.accounts.ports import Unit
from renga.domains.identity.contract import CallOrigin, SecondFactorRefused, SecondFactorRequired, TotpEnrolment
from renga.kernel.once import Once

#: 160 bits, as RFC 4226 §4 recommends; base32 needs no padding for it.
SECRET_CHARACTERS = 32
ISSUER = "Renga"
#: An active secret may be replaced only this long after a correct code: a stolen session alone is not enough.
REPLACE_WITHIN_MS = 15 * 60_000
#: Stands for the network when codes are counted in the account area, where the call has no origin.
ACCOUNT_AREA = CallOrigin(address="account-area")


async def start_totp(dependencies: AccountDependencies, account_id: str, once: Once | None) -> TotpEnrolment:
    secret = pyotp.random_base32(SECRET_CHARACTERS)
    async with dependencies.units.begin() as unit:
        person = await person_of(unit, account_id, lock=True)
        if (done := await unit.replay(once, TotpEnrolment)) is not None:
            return done
        state = await unit.proofs.totp(account_id)
        if state.secret is not None and dependencies.clock.now_ms() - state.checked_ms > REPLACE_WITHIN_MS:
            raise SecondFactorRequired("give a code of your present second factor first")
        sealed = dependencies.seal.close(secret, account_id)
        await unit.proofs.save_totp(account_id, msgspec.structs.replace(state, pending=sealed))
        enrolment = _enrolment(secret, person.email)
        await unit.keep(once, enrolment)
    return enrolment


async def confirm_totp(
    dependencies: AccountDependencies, account_id: str, code: str, once: Once | None
) -> tuple[str, ...]:
    async with dependencies.units.begin() as unit:
        await person_of(unit, account_id)
        if (done := await unit.earlier(once, tuple[str, ...])) is not None:
            return done  # before it counts as an attempt, because the first call used the code up
    attempt = await enter(dependencies, "second_factor", account_id, ACCOUNT_AREA)
    codes = new_recovery_codes(dependencies)
    async with dependencies.units.begin() as unit:
        await person_of(unit, account_id, lock=True)
        done = await unit.replay(once, tuple[str, ...])
        state = await unit.proofs.totp(account_id)
        step = None if attempt.refused else _pending_step(dependencies, account_id, state, code)
        if done is None and step is None:
            raise SecondFactorRefused()  # the rollback also releases the idempotency key
        await settle(unit, attempt, dependencies.clock.now_ms())
        if done is not None or step is None:
            return done or ()
        await _activate(dependencies, unit, account_id, state, step, codes)
        await unit.keep(once, codes)
    return codes


async def remove_totp(dependencies: AccountDependencies, account_id: str, code: str, once: Once | None) -> None:
    async with dependencies.units.begin() as unit:
        if await unit.earlier(once, bool):
            return
        if is_staff((await person_of(unit, account_id)).stakeholders):
            raise SecondFactorRequired()
    attempt = await enter(dependencies, "second_factor", account_id, ACCOUNT_AREA)
    async with dependencies.units.begin() as unit:
        person = await person_of(unit, account_id, lock=True)
        if await unit.replay(once, bool):
            await settle(unit, attempt, dependencies.clock.now_ms())
            return
        if attempt.refused or await use_code(dependencies, unit, account_id, code) is None:
            raise SecondFactorRefused()  # the rollback also releases the idempotency key
        if is_staff(person.stakeholders):
            raise SecondFactorRequired()
        await settle(unit, attempt, dependencies.clock.now_ms())
        await unit.proofs.remove_totp(account_id)
        await _record(dependencies, unit, "second_factor_removed", account_id)
        await unit.keep(once, answer=True)


def _pending_step(dependencies: AccountDependencies, account_id: str, state: TotpState, code: str) -> int | None:
    if state.pending is None:
        return None
    secret = dependencies.seal.open(state.pending, account_id)
    return matching_step(secret, normal_code(code[:64]), now_ms=dependencies.clock.now_ms(), last_step=0)


async def _activate(
    dependencies: AccountDependencies, unit: Unit, account_id: str, state: TotpState, step: int, codes: tuple[str, ...]
) -> None:
    active = TotpState(secret=state.pending, pending=None, last_step=step, checked_ms=dependencies.clock.now_ms())
    await unit.proofs.save_totp(account_id, active)
    await unit.proofs.set_recovery_codes(account_id, [digest(normal_code(code)) for code in codes])
    action = "second_factor_replaced" if state.secret else "second_factor_added"
    await _record(dependencies, unit, action, account_id)


async def _record(dependencies: AccountDependencies, unit: Unit, action: str, account_id: str) -> None:
    await unit.record(
        action,
        account_id=account_id,
        by=account_id,
        address="",
        at_ms=dependencies.clock.now_ms(),
        details={"method": "totp"},
    )


def _enrolment(secret: str, email: str) -> TotpEnrolment:
    uri = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).provisioning_uri(name=email, issuer_name=ISSUER)
    return TotpEnrolment(secret=secret, uri=uri, picture=_picture(uri))


def _picture(uri: str) -> str:
    svg = io.BytesIO()
    segno.make(uri, micro=False).save(svg, kind="svg", scale=4, xmldecl=False, svgns=True, nl=False)
    return svg.getvalue().decode()
