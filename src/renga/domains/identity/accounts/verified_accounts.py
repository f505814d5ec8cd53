"""Accounts for external logins: find by address, and create for a verified address without an account."""

from renga.domains.identity.accounts.add_account import add_account
from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.model import account_of, may_enter
from renga.domains.identity.accounts.ports import EmailTaken
from renga.domains.identity.contract import Account
from renga.kernel.email_address import normal_email

NAME_CHARACTERS_MAX = 80


class LocalVerifiedAccounts:
    """Implements ``external.ports.VerifiedAccounts``."""

    def __init__(self, dependencies: AccountDependencies) -> None:
        self._dependencies = dependencies

    async def of_email(self, email: str) -> Account | None:
        async with self._dependencies.units.begin() as unit:
            person = await unit.people.by_email(normal_email(email))
        return None if person is None else account_of(person)

    async def open(self, account_id: str) -> Account | None:
        async with self._dependencies.units.begin() as unit:
            person = await unit.people.find(account_id)
        return None if person is None or not may_enter(person) else account_of(person)

    async def create_verified(self, email: str, name: str, language: str, address: str) -> Account | None:
        shown = " ".join(name.split())[:NAME_CHARACTERS_MAX] or email.partition("@")[0]
        try:
            return await add_account(
                self._dependencies, email, shown, language=language, stakeholders=("customer",), by=None, verified=True
            )
        except EmailTaken:
            return None
