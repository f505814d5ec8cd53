"""Second-factor codes: TOTP (RFC 6238) without replay, and recovery codes that work once."""

import base64
import hmac

import msgspec
import pyotp

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.model import digest, normal_code
from renga.domains.identity.accounts.ports import Unit

STEP_S, DIGITS = 30, 6
#: Time steps before and after the present one whose codes are accepted (RFC 6238 §5.2 recommends one).
WINDOW_STEPS = 1
#: Random bytes of a recovery code: 80 bits, 16 characters of base32.
RECOVERY_CODE_BYTES, RECOVERY_CODES = 10, 10
CODE_CHARACTERS_MAX = 64


def matching_step(secret: str, code: str, *, now_ms: int, last_step: int) -> int | None:
    """The time step of this code, if it is within the window and later than the last one used; else None."""
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return None
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    present = now_ms // 1000 // STEP_S
    for step in range(present - WINDOW_STEPS, present + WINDOW_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step), code) and step > last_step:
            return step
    return None


async def use_code(dependencies: AccountDependencies, unit: Unit, account_id: str, text: str) -> str | None:
    """Use up a code of the account. Returns "totp", "recovery_code" or, for a wrong code, None."""
    if len(text) > CODE_CHARACTERS_MAX:
        return None
    code, now_ms = normal_code(text), dependencies.clock.now_ms()
    state = await unit.proofs.totp(account_id)
    if state.secret is None:
        return None
    secret = dependencies.seal.open(state.secret, account_id)
    step = matching_step(secret, code, now_ms=now_ms, last_step=state.last_step)
    if step is None and not await unit.proofs.use_recovery_code(account_id, digest(code)):
        return None
    used = msgspec.structs.replace(state, last_step=step or state.last_step, checked_ms=now_ms)
    await unit.proofs.save_totp(account_id, used)
    return "totp" if step else "recovery_code"


def new_recovery_codes(dependencies: AccountDependencies) -> tuple[str, ...]:
    """Ten codes as shown to the person: four groups of four letters and digits."""
    return tuple(_grouped(dependencies.random_bytes(RECOVERY_CODE_BYTES)) for _ in range(RECOVERY_CODES))


def _grouped(random: bytes) -> str:
    text = base64.b32encode(random).decode()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))
