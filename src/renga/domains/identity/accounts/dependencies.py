"""Dependencies of the accounts' use cases: ports, clock, ids, randomness, access revokers."""

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote

import msgspec

from renga.domains.identity.accounts.mails import AccountMails
from renga.domains.identity.accounts.ports import AccessRevoker, Ceremonies, Passwords, Seal, Units
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.mail.port import Mailer
from renga.platform.sessions.port import Sessions

#: Random bytes of a link and of a challenge.
LINK_BYTES, CHALLENGE_BYTES = 32, 32
#: Longest link (in characters) that is checked.
LINK_CHARACTERS_MAX = 100
#: Lifetime of links.
VERIFICATION_LIFE_MS, RECOVERY_LIFE_MS = 24 * 3_600_000, 30 * 60_000
#: Valid links per address or account; more replace the oldest.
LINKS_MAX = 10
#: Paths of the pages that links open.
VERIFY_PATH, RECOVER_PATH, LOGIN_PATH, FORGOTTEN_PATH = "/verify", "/recover/new", "/login", "/recover"


class AccountDependencies(msgspec.Struct, frozen=True, kw_only=True):
    """``secret`` keys the hashes of subjects and networks in the counters; ``public_url`` starts every link."""

    units: Units
    passwords: Passwords
    seal: Seal
    ceremonies: Ceremonies
    mailer: Mailer
    mails: AccountMails
    clock: Clock
    new_id: IdSource
    secret: bytes
    public_url: str
    sessions: Sessions | None = None
    revokers: Sequence[AccessRevoker] = ()
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random_bytes: Callable[[int], bytes] = secrets.token_bytes

    def new_link(self) -> str:
        """256 random bits as text."""
        return self.random_bytes(LINK_BYTES).hex()

    def url(self, path: str, link: str = "") -> str:
        """The URL of one of our pages."""
        return self.public_url + path + (f"?link={quote(link, safe='')}" if link else "")

    def keyed(self, purpose: str, text: str) -> bytes:
        """A keyed hash: without the secret nobody can test guesses against it."""
        return hmac.digest(self.secret, f"renga identity {purpose}\0{text}".encode(), "sha256")
