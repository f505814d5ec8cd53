"""``Accounts`` and ``Audit``, served by the use cases in this process."""

from collections.abc import Sequence
from typing import Any

from renga.domains.identity.accounts.add_account import add_account, set_stakeholders
from renga.domains.identity.accounts.addresses import addresses, remove_address, save_address
from renga.domains.identity.accounts.change_password import change_password
from renga.domains.identity.accounts.change_profile import change_profile
from renga.domains.identity.accounts.check_second_factor import check_second_factor
from renga.domains.identity.accounts.dependencies import Tools
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
    Account,
    Address,
    AuditEntry,
    Authenticated,
    Passkey,
    SavedAddress,
    Stakeholder,
    TotpEnrolment,
    Visitor,
)
from renga.kernel.caller import Caller
from renga.kernel.once import Once


class LocalAccounts:
    """Implements ``contract.Accounts``; the methods at the end are for the shop's own people."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def register(self, email: str, password: str, name: str, language: str, visitor: Visitor) -> None:
        await register(self._tools, email, password, name, language, visitor)

    async def verify_email(self, link: str) -> Account:
        return await verify_email(self._tools, link)

    async def log_in(self, email: str, password: str, visitor: Visitor) -> Authenticated:
        return await log_in(self._tools, email, password, visitor)

    async def check_second_factor(self, account_id: str, code: str, visitor: Visitor) -> Authenticated:
        return await check_second_factor(self._tools, account_id, code, visitor)

    async def find(self, caller: Caller) -> Account:
        async with self._tools.units.begin() as unit:
            return account_of(await person_of(unit, caller.identified()))

    async def change_profile(
        self, caller: Caller, *, name: str | None, language: str | None, visitor: Visitor
    ) -> Account:
        return await change_profile(self._tools, caller.identified(), name=name, language=language, visitor=visitor)

    async def change_password(
        self, caller: Caller, old: str, new: str, visitor: Visitor, *, keep_session: str | None = None
    ) -> None:
        await change_password(self._tools, caller.identified(), old, new, visitor, keep_session)

    async def start_recovery(self, email: str, visitor: Visitor) -> None:
        await start_recovery(self._tools, email, visitor)

    async def finish_recovery(self, link: str, password: str, visitor: Visitor) -> Account:
        return await finish_recovery(self._tools, link, password, visitor)

    async def start_totp(self, caller: Caller, *, once: Once | None = None) -> TotpEnrolment:
        return await start_totp(self._tools, caller.identified(), once)

    async def confirm_totp(self, caller: Caller, code: str, *, once: Once | None = None) -> tuple[str, ...]:
        return await confirm_totp(self._tools, caller.identified(), code, once)

    async def remove_totp(self, caller: Caller, code: str, *, once: Once | None = None) -> None:
        await remove_totp(self._tools, caller.identified(), code, once)

    async def start_passkey(self, caller: Caller, *, once: Once | None = None) -> dict[str, Any]:
        return await start_passkey(self._tools, caller.identified(), once)

    async def finish_passkey(
        self, caller: Caller, credential: dict[str, Any], name: str, *, once: Once | None = None
    ) -> None:
        await finish_passkey(self._tools, caller.identified(), credential, name, once)

    async def passkeys(self, caller: Caller) -> tuple[Passkey, ...]:
        return await passkeys(self._tools, caller.identified())

    async def remove_passkey(self, caller: Caller, passkey_id: str) -> None:
        await remove_passkey(self._tools, caller.identified(), passkey_id)

    async def start_passkey_login(self) -> tuple[str, dict[str, Any]]:
        return await start_passkey_login(self._tools)

    async def passkey_login(self, challenge: str, credential: dict[str, Any], visitor: Visitor) -> Authenticated:
        return await passkey_login(self._tools, challenge, credential, visitor)

    async def addresses(self, caller: Caller) -> tuple[SavedAddress, ...]:
        return await addresses(self._tools, caller.identified())

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
            self._tools, caller.identified(), address, address_id=address_id, default=default, once=once
        )

    async def remove_address(self, caller: Caller, address_id: str) -> None:
        await remove_address(self._tools, caller.identified(), address_id)

    async def export(self, caller: Caller) -> dict[str, Any]:
        return await export_person(self._tools, caller.identified())

    async def erase(self, caller: Caller, visitor: Visitor) -> None:
        await erase_person(self._tools, caller.identified(), visitor)

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
        """An account without a registration. Raises EmailInvalid, PasswordRefused, EmailTaken."""
        return await add_account(
            self._tools,
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
        """What she may act as from now on."""
        return await set_stakeholders(self._tools, account_id, stakeholders, by=by)

    async def seed_accounts(self) -> tuple[DemoAccount, ...]:
        """One account of each kind, for the embedded demo shop only."""
        return await seed_accounts(self._tools)


class LocalAudit:
    """Implements ``contract.Audit``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def entries(
        self, caller: Caller, *, account_id: str | None, limit: int = 100, before: str | None = None
    ) -> tuple[AuditEntry, ...]:
        return await read_trail(self._tools, caller, account_id=account_id, limit=limit, before=before)
