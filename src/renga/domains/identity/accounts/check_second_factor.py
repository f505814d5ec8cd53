"""Use case: the second factor of a login, a TOTP code or a recovery code."""

from renga.domains.identity.accounts.codes import use_code
from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.finding import person_of
from renga.domains.identity.accounts.guard import enter, settle
from renga.domains.identity.accounts.model import account_of, may_enter
from renga.domains.identity.contract import Authenticated, CallOrigin, SecondFactorRefused


async def check_second_factor(
    dependencies: AccountDependencies, account_id: str, code: str, origin: CallOrigin
) -> Authenticated:
    async with dependencies.units.begin() as unit:
        await person_of(unit, account_id)
    attempt = await enter(dependencies, "second_factor", account_id, origin)
    now_ms = dependencies.clock.now_ms()
    async with dependencies.units.begin() as unit:
        person = await person_of(unit, account_id, lock=True)
        method = (
            None if attempt.refused or not may_enter(person) else await use_code(dependencies, unit, account_id, code)
        )
        if method is not None:
            await settle(unit, attempt, now_ms)
        await unit.record(
            "logged_in" if method else "second_factor_failed",
            account_id=account_id,
            by=account_id if method else None,
            address=origin.address,
            at_ms=now_ms,
            details={"method": method} if method else {"delayed": attempt.refused},
        )
    if method is None:
        raise SecondFactorRefused()
    return Authenticated(account=account_of(person), second_factor_needed=False, amr=("pwd", "otp", "mfa"))
