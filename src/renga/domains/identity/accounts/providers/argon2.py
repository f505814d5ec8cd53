"""Passwords: Argon2id in a bounded thread pool, and refusal of easily guessed passwords.

Cost of one hash or verification with the default parameters: 46 MiB and 75 to 95 ms of one server core. That is twice the
passes of the first set that OWASP's Password Storage Cheat Sheet recommends (m = 46 MiB, t = 1, p = 1).
"""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from renga.domains.identity.contract import PasswordRefused
from renga.domains.identity.settings import PasswordSettings
from renga.kernel.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

PASSWORD_CHARACTERS_MIN, PASSWORD_CHARACTERS_MAX = 10, 128
#: zxcvbn's scale is 0 to 4; 3 is "safely unguessable: moderate protection from offline slow-hash scenario".
SCORE_MIN = 3
#: Characters that zxcvbn checks: its time grows at least quadratically with the length.
SCORED_CHARACTERS_MAX = 72
#: Words that are easy to guess in this shop.
SHOP_WORDS = ("renga",)
#: Hashing threads: each uses one core and the memory of one hash.
THREADS = 2
#: Calls that may wait for a thread; further calls are refused at once.
WAITING_MAX = 64
DEADLINE_S = 10.0


class PasswordsBusy(Unavailable):
    code = "passwords_busy"
    title = "Too many passwords are being checked"


class Argon2Passwords:
    """Implements ``ports.Passwords``. Call ``close`` at the end."""

    def __init__(self, settings: PasswordSettings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_passes,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_lanes,
            type=Type.ID,
        )
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._waiting = 0
        self._dummy: str | None = None
        #: Number of hashes and verifications: tests compare it instead of times.
        self.verifications, self.hashes = 0, 0

    async def prepare(self) -> None:
        """Compute the dummy hash for unknown addresses in advance, so that not even the first login differs in time."""
        self._dummy = await self.hash(secrets.token_urlsafe(32))

    async def check_strength(self, password: str, personal: Sequence[str]) -> None:
        text = normal_password(password)
        if reason := length_problem(text):
            raise PasswordRefused(_DETAILS[reason], reason=reason)
        words = [*SHOP_WORDS, *personal_words(personal)]
        if reason := await self._run(strength_problem, text, words):
            raise PasswordRefused(_DETAILS[reason], reason=reason)

    async def hash(self, password: str) -> str:
        self.hashes += 1
        return await self._run(self._hasher.hash, normal_password(password))

    async def verify(self, hashed: str | None, password: str) -> bool:
        if self._dummy is None:
            await self.prepare()
        matches = await self._run(self._verify, hashed or self._dummy or "", normal_password(password))
        return matches and hashed is not None

    def outdated(self, hashed: str) -> bool:
        return self._hasher.check_needs_rehash(hashed)

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _verify(self, hashed: str, password: str) -> bool:
        self.verifications += 1
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._waiting >= WAITING_MAX:
            raise PasswordsBusy()
        self._waiting += 1
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(*args, **kwargs))
        except TimeoutError as error:
            raise PasswordsBusy() from error
        finally:
            self._waiting -= 1


_DETAILS = {
    "too_short": f"a password has at least {PASSWORD_CHARACTERS_MIN} characters",
    "too_long": f"a password has at most {PASSWORD_CHARACTERS_MAX} characters",
    "breached": "this password is in lists of stolen ones",
    "weak": "this password is easy to guess",
}


def normal_password(password: str) -> str:
    """NFKC, so that different keyboards give the same password (NIST SP 800-63B §3.1.1.2); the length is capped first."""
    return unicodedata.normalize("NFKC", password[: 4 * PASSWORD_CHARACTERS_MAX])


def length_problem(password: str) -> str | None:
    if len(password) < PASSWORD_CHARACTERS_MIN:
        return "too_short"
    return "too_long" if len(password) > PASSWORD_CHARACTERS_MAX else None


def personal_words(personal: Sequence[str]) -> list[str]:
    """The texts themselves and their parts."""
    words = [word for text in personal for word in (text, *text.replace("@", " ").replace(".", " ").split())]
    return list(dict.fromkeys(word.lower() for word in words if len(word) > 2))


def strength_problem(password: str, words: Sequence[str]) -> str | None:
    """ "breached" if the whole password is in zxcvbn's lists of stolen passwords, "weak" if it is easy to guess."""
    # imported here: the word lists take 13 MB, which a process without new passwords does not need
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # the package ships no types

    scored = password[:SCORED_CHARACTERS_MAX]
    result: dict[str, Any] = zxcvbn(scored, user_inputs=list(words), max_length=SCORED_CHARACTERS_MAX)
    matches = result["sequence"]
    if len(matches) == 1 and matches[0].get("dictionary_name") == "passwords":
        return "breached"
    return "weak" if result["score"] < SCORE_MIN else None
