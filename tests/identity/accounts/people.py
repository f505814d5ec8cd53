"""What the tests of accounts share: the rooms of accounts with everything around them that a test may see or move."""

import contextlib
import re
from collections.abc import Coroutine
from typing import Any

import asyncpg
import msgspec
import pyotp

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.local import LocalAccounts, LocalAudit
from renga.domains.identity.accounts.mails import AccountMails
from renga.domains.identity.accounts.providers.aes import AesSeal
from renga.domains.identity.accounts.providers.argon2 import Argon2Passwords
from renga.domains.identity.accounts.providers.webauthn import WebAuthnCeremonies
from renga.domains.identity.contract import Account, CallOrigin
from renga.domains.identity.settings import PasswordSettings
from renga.domains.identity.stores.accounts import PostgresUnits
from renga.kernel.clock import ManualClock
from renga.kernel.errors import RengaError, Unavailable
from renga.kernel.ids import id_source
from renga.platform.mail.port import Mail
from renga.platform.settings import PlatformSettings
from renga.platform.texts import open_locales
from tests.identity.organisations.house import AUDITOR, proved

ORIGIN = "https://shop.example"
ANA = "ana@example.com"
PASSWORD, OTHER_PASSWORD = "cinco-jangadas-ao-mar", "sete-veleiros-no-cais"
HOME, AWAY = CallOrigin(address="198.51.100.7", agent="home"), CallOrigin(address="203.0.113.9", agent="away")
#: Small, so that hundreds of guesses take no time; the real cost is measured by the benchmark.
CHEAP = PasswordSettings(argon2_memory_kib=64, argon2_passes=1)


class Letterbox:
    """A ``Mailer`` that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        self.mails.append(mail)

    def kinds(self) -> list[str]:
        return [mail.kind for mail in self.mails]

    def link(self) -> str:
        """The link in the newest mail."""
        found = re.search(r"link=([0-9a-f]{64})", self.mails[-1].text)
        assert found
        return found[1]


class Remembering:
    """An ``AccessRevoker`` that remembers what it ended; ``away`` makes it fail."""

    def __init__(self, ended: list[tuple[str, str | None]]) -> None:
        self.ended = ended
        self.away = False

    async def revoke(self, account_id: str, *, keep_session: str | None = None) -> None:
        if self.away:
            raise Unavailable()
        self.ended.append((account_id, keep_session))


class People:
    """The accounts of a shop."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", settings: PasswordSettings = CHEAP) -> None:
        self.pool = pool
        self.clock = ManualClock()
        self.letterbox = Letterbox()
        self.waits: list[float] = []
        self.ended: list[tuple[str, str | None]] = []
        self.passwords = Argon2Passwords(settings)
        self.dependencies = AccountDependencies(
            units=PostgresUnits(pool, secret=b"a secret of the tests", clock=self.clock),
            passwords=self.passwords,
            seal=AesSeal(b"a secret of the tests"),
            ceremonies=WebAuthnCeremonies(ORIGIN),
            mailer=self.letterbox,
            mails=AccountMails(open_locales(PlatformSettings())),
            clock=self.clock,
            new_id=id_source(self.clock),
            secret=b"a secret of the tests",
            public_url=ORIGIN,
            revokers=(Remembering(self.ended),),
            sleep=self._wait,
        )
        self.accounts = LocalAccounts(self.dependencies)
        self.audit = LocalAudit(self.dependencies)

    def changed(self, **dependencies: Any) -> LocalAccounts:
        """The accounts with other tools."""
        return LocalAccounts(msgspec.structs.replace(self.dependencies, **dependencies))

    async def join(self, email: str = ANA, password: str = PASSWORD, name: str = "Ana Ribeiro") -> Account:
        """Somebody with a verified account."""
        await self.accounts.register(email, password, name, "pt-BR", HOME)
        return await self.accounts.verify_email(self.letterbox.link())

    async def with_totp(self, account_id: str) -> tuple[pyotp.TOTP, tuple[str, ...]]:
        """Her second factor, set up, and its recovery codes; the clock is at the next step afterwards."""
        enrolment = await self.accounts.start_totp(proved(account_id))
        totp = pyotp.TOTP(enrolment.secret)
        codes = await self.accounts.confirm_totp(proved(account_id), self.code(totp))
        self.clock.advance(seconds=30)
        return totp, codes

    def code(self, totp: pyotp.TOTP, *, steps: int = 0) -> str:
        """The code of the present time step, or of one before or after it."""
        return totp.generate_otp(self.clock.now_ms() // 30_000 + steps)

    async def actions(self, account_id: str | None = None) -> list[str]:
        """The trail's actions, the oldest first."""
        return [entry.action for entry in await self.audit.entries(AUDITOR, account_id=account_id, limit=500)][::-1]

    async def events(self) -> list[dict[str, Any]]:
        """Everything in the outbox, in its order."""
        rows = await self.pool.fetch("SELECT event::text FROM identity.outbox ORDER BY position")
        return [msgspec.json.decode(row[0]) for row in rows]

    async def everything(self) -> str:
        """Every value of every column of the schema as one text."""
        tables = await self.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'identity' ORDER BY 1")
        texts = []
        for (table,) in tables:
            for row in await self.pool.fetch(f"SELECT to_jsonb(t)::text FROM identity.{table} t"):
                texts.append(f"{table} {row[0]}")
        return "\n".join(texts)

    async def blank(self) -> str:
        """What ``everything`` says of a database in which nothing has happened."""
        return "\n".join(line for line in (await self.everything()).splitlines() if line.startswith("alembic_version"))

    async def statements(self, work: Coroutine[Any, Any, object]) -> list[str]:
        """The statements that a piece of work runs, whether it is refused or not."""
        seen: list[str] = []

        def note(record: Any) -> None:
            seen.append(" ".join(record.query.split()))

        connections = [await self.pool.acquire() for _ in range(self.pool.get_max_size())]
        for connection in connections:
            connection.add_query_logger(note)
        for connection in connections:
            await self.pool.release(connection)
        try:
            with contextlib.suppress(RengaError):
                await work
        finally:
            for connection in connections:
                with contextlib.suppress(asyncpg.InterfaceError):
                    connection.remove_query_logger(note)
        # what the driver asks a new connection about types is not the work's own
        return [one for one in seen if "identity." in one or one in ("BEGIN;", "COMMIT;", "ROLLBACK;")]

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
