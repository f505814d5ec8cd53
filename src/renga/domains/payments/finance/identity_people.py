"""``MerchantRoles`` and ``PartnerAccounts`` from identity."""

from collections.abc import Mapping

from renga.domains.identity.contract import ADMINISTRATION, Administration, Merchants
from renga.domains.identity.contract.errors import AccountNotFound
from renga.kernel.caller import Caller


class NobodyWorks:
    """Where no identity runs, nobody works for a merchant or a provider."""

    async def roles_of(self, caller: Caller) -> Mapping[str, str]:
        return {}

    async def is_partner(self, account: str) -> bool:
        return False


class IdentityRoles:
    """The members of merchants."""

    def __init__(self, merchants: Merchants) -> None:
        self._merchants = merchants

    async def roles_of(self, caller: Caller) -> Mapping[str, str]:
        try:
            return {one.id: role for one, role in await self._merchants.of_account(caller)}
        except AccountNotFound:
            return {}  # a program: it has no account


class IdentityPartners:
    """The accounts of the kind ``processor``."""

    def __init__(self, administration: Administration) -> None:
        self._administration = administration

    async def is_partner(self, account: str) -> bool:
        caller = Caller.of_system("payments", ADMINISTRATION)
        try:
            standing = await self._administration.account(caller, account)
        except AccountNotFound:
            return False
        return "processor" in standing.account.stakeholders
