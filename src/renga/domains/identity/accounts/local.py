"""``Accounts`` and ``Audit``, implemented by the use cases in this process."""

from collections.abc import Sequence
from typing import Any

from renga.domains.identity.accounts.add_account import add_account, set_stakeholders
from renga.domains.identity.accounts.addresses import addresses, remove_address, save_address
from renga.domains.identity.accounts.change_password import change_password
from renga.domains.identity.accounts.change_profile import change_profile
from renga.domains.identity.accounts.check_second_factor import check_second_factor
from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.erase_person import erase_person
from renga.domains.identity.accounts.export_person import export_person
from renga.domains.identity.accounts.finding import person_of
from renga.domains.identity.accounts.log_in import log_in
from renga.domains.identity.accounts.model import account_of
from renga.domains.identity.accounts.passkeys import (
    finish_passkey,
    passkey_login,
    passkeys,
    remove_passkey,
    start_passkey,
    start_passkey_login,
)
from renga.domains.identity.accounts.read_trail import read_trail
from renga.domains.identity.accounts.recover import finish_recovery, start_recovery
from renga.domains.identity.accounts.register import register
from renga.domains.identity.accounts.seed_accounts import DemoAccount, seed_accounts
from renga.domains.identity.accounts.totp import confirm_totp, remove_totp, start_totp
from renga.domains.identity.accounts.verify_email import verify_email
from renga.domains.identity.contract import (
    FRESH_LOGIN_S,
    Account,
    Address,
    AuditEntry,
    Authenticated,
    CallOrigin,
    Passkey,
    SavedAddress,
    Stakeholder,
    TotpEnrolment,
)
from renga.kernel.caller import Caller
from renga.kernel.once import Once


class LocalAccounts:
    """Implements ``contract.Accounts``; the methods at the end are for the shop's operators."""

    def __init__(self, dependencies: AccountDependencies) -> None:
        self._dependencies = dependencies

    async def register(self, email: str, password: str, name: str, language: str, origin: CallOrigin) -> None:
        await register(self._dependencies, email, password, name, language, origin)

    async def verify_email(self, link: str) -> Account:
        return await verify_email(self._dependencies, link)

    async def log_in(self, email: str, password: str, origin: CallOrigin) -> Authenticated:
        return await log_in(self._dependencies, email, password, origin)

    async def check_second_factor(self, account_id: str, code: str, origin: CallOrigin) -> Authenticated:
        return await check_second_factor(self._dependencies, account_id, code, origin)

    async def find(self, caller: Caller) -> Account:
        async with self._dependencies.units.begin() as unit:
            return account_of(await person_of(unit, caller.identified()))

    async def change_profile(
        self, caller: Caller, *, name: str | None, language: str | None, origin: CallOrigin
    ) -> Account:
        return await change_profile(
            self._dependencies, caller.identified(), name=name, language=language, origin=origin
        )

    async def change_password(
        self, caller: Caller, old: str, new: str, origin: CallOrigin, *, keep_session: str | None = None
    ) -> None:
        await change_password(self._dependencies, self._fresh(caller), old, new, origin, keep_session)

    async def start_recovery(self, email: str, origin: CallOrigin) -> None:
        await start_recovery(self._dependencies, email, origin)

    async def finish_recovery(self, link: str, password: str, origin: CallOrigin) -> Account:
        return await finish_recovery(self._dependencies, link, password, origin)

    async def start_totp(self, caller: Caller, *, once: Once | None = None) -> TotpEnrolment:
        return await start_totp(self._dependencies, self._fresh(caller), once)

    async def confirm_totp(self, caller: Caller, code: str, *, once: Once | None = None) -> tuple[str, ...]:
        return await confirm_totp(self._dependencies, self._fresh(caller), code, once)

    async def remove_totp(self, caller: Caller, code: str, *, once: Once | None = None) -> None:
        await remove_totp(self._dependencies, self._fresh(caller), code, once)

    async def start_passkey(self, caller: Caller, *, once: Once | None = None) -> dict[str, Any]:
        return await start_passkey(self._dependencies, self._fresh(caller), once)

    async def finish_passkey(
        self, caller: Caller, credential: dict[str, Any], name: str, *, once: Once | None = None
    ) -> None:
        await finish_passkey(self._dependencies, self._fresh(caller), credential, name, once)

    async def passkeys(self, caller: Caller) -> tuple[Passkey, ...]:
        return await passkeys(self._dependencies, caller.identified())

    async def remove_passkey(self, caller: Caller, passkey_id: str) -> None:
        await remove_passkey(self._dependencies, self._fresh(caller), passkey_id)

    async def start_passkey_login(self) -> tuple[str, dict[str, Any]]:
        return await start_passkey_login(self._dependencies)

    async def passkey_login(self, challenge: str, credential: dict[str, Any], origin: CallOrigin) -> Authenticated:
        return await passkey_login(self._dependencies, challenge, credential, origin)

    async def addresses(self, caller: Caller) -> tuple[SavedAddress, ...]:
        return await addresses(self._dependencies, caller.identified())

    async def save_address(
        self,
        caller: Caller,
        address: Address,
        *,
        address_id: str | None,
        default: bool,
        once: Once | None = None,
    ) -> SavedAddress:
        return await save_address(
            self._dependencies, caller.identified(), address, address_id=address_id, default=default, once=once
        )

    async def remove_address(self, caller: Caller, address_id: str) -> None:
        await remove_address(self._dependencies, caller.identified(), address_id)

    async def export(self, caller: Caller) -> dict[str, Any]:
        return await export_person(self._dependencies, self._fresh(caller))

    async def erase(self, caller: Caller, origin: CallOrigin) -> None:
        await erase_person(self._dependencies, self._fresh(caller), origin)

    def _fresh(self, caller: Caller) -> str:
        return caller.proved_within(FRESH_LOGIN_S, self._dependencies.clock.now_ms())

    async def add_account(
        self,
        email: str,
        name: str,
        *,
        language: str,
        stakeholders: Sequence[Stakeholder],
        by: str | None,
        password: str | None = None,
        verified: bool = False,
    ) -> Account:
        """Create an account without a registration. Raises EmailInvalid, PasswordRefused, EmailTaken."""
        return await add_account(
            self._dependencies,
            email,
            name,
            language=language,
            stakeholders=stakeholders,
            by=by,
            password=password,
            verified=verified,
        )

    async def set_stakeholders(
        self, account_id: str, stakeholders: Sequence[Stakeholder], *, by: str | None
    ) -> Account:
        """Set the kinds of the account."""
        return await set_stakeholders(self._dependencies, account_id, stakeholders, by=by)

    async def seed_accounts(self) -> tuple[DemoAccount, ...]:
        """Create one account of each kind, for the embedded demo shop only."""
        return await seed_accounts(self._dependencies)


class LocalAudit:
    """Implements ``contract.Audit``."""

    def __init__(self, dependencies: AccountDependencies) -> None:
        self._dependencies = dependencies

    async def entries(
        self, caller: Caller, *, account_id: str | None, limit: int = 100, before: str | None = None
    ) -> tuple[AuditEntry, ...]:
        return await read_trail(self._dependencies, caller, account_id=account_id, limit=limit, before=before)
