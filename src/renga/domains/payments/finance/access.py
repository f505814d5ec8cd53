"""Who may see and change what of finance. What is not a caller's is "not found"."""

import msgspec

from renga.domains.payments.contract.errors import ProviderNotFound
from renga.domains.payments.contract.finance_errors import PayoutAccountNotFound
from renga.domains.payments.contract.management import ALL_PAYOUTS, FRESH_LOGIN_S, OWN_PAYOUTS, PARTNERS
from renga.domains.payments.contract.payments import MANAGING_PAYMENTS, PARTNER, READING_PAYMENTS
from renga.domains.payments.finance.dependencies import FinanceDependencies
from renga.kernel.caller import Caller
from renga.kernel.errors import Forbidden

#: Roles of members who may read and change where their merchant is paid out.
_KEEPERS = frozenset({"owner", "manager"})


class FinanceReach(msgspec.Struct, frozen=True):
    """The providers (or merchants) that a caller reads; None: all."""

    only: frozenset[str] | None

    def covers(self, name: str) -> bool:
        return self.only is None or name in self.only


async def provider_reach(dependencies: FinanceDependencies, caller: Caller) -> FinanceReach:
    """Every provider with READING_PAYMENTS, their own with PARTNER. Raises Unauthenticated, InsufficientScope."""
    caller.require(READING_PAYMENTS, MANAGING_PAYMENTS, PARTNER)
    if caller.may(READING_PAYMENTS, MANAGING_PAYMENTS):
        return FinanceReach(None)
    return FinanceReach(await dependencies.partners.providers_of(caller.identified()))


async def read_provider(dependencies: FinanceDependencies, caller: Caller, provider: str) -> None:
    """Raises ProviderNotFound, also for a partner of another provider."""
    reach = await provider_reach(dependencies, caller)
    if provider not in dependencies.providers or not reach.covers(provider):
        raise ProviderNotFound()


def manage(caller: Caller) -> str:
    """The subject. Raises Unauthenticated, InsufficientScope."""
    caller.require(MANAGING_PAYMENTS)
    return caller.identified()


def manage_payouts(caller: Caller) -> str:
    """The subject. Raises Unauthenticated, InsufficientScope."""
    caller.require(ALL_PAYOUTS)
    return caller.identified()


def manage_partners(dependencies: FinanceDependencies, caller: Caller, provider: str) -> str:
    """Raises Unauthenticated, InsufficientScope, ProviderNotFound."""
    caller.require(PARTNERS)
    if provider not in dependencies.providers:
        raise ProviderNotFound()
    return caller.identified()


async def payout_reach(dependencies: FinanceDependencies, caller: Caller) -> FinanceReach:
    """Every merchant with ALL_PAYOUTS or READING_PAYMENTS; with OWN_PAYOUTS those that the caller owns or manages."""
    caller.require(ALL_PAYOUTS, READING_PAYMENTS, OWN_PAYOUTS)
    if caller.may(ALL_PAYOUTS, READING_PAYMENTS):
        return FinanceReach(None)
    if caller.proved_ms is None:
        return FinanceReach(caller.merchants)  # a merchant's key: its scopes are those of its creator's role
    roles = await dependencies.roles.roles_of(caller)
    return FinanceReach(frozenset(one for one in caller.merchants if roles.get(one) in _KEEPERS))


async def sees_merchant(dependencies: FinanceDependencies, caller: Caller, merchant: str) -> bool:
    """Whether the caller may see what a merchant earned. Raises Unauthenticated, InsufficientScope."""
    return (await payout_reach(dependencies, caller)).covers(merchant)


async def read_merchant(dependencies: FinanceDependencies, caller: Caller, merchant: str) -> None:
    """Payout account and schedule of a merchant. Raises PayoutAccountNotFound, Forbidden (a clerk)."""
    reach = await payout_reach(dependencies, caller)
    if not reach.covers(merchant):
        if merchant in caller.merchants:
            await _check_role(dependencies, caller, merchant)
        raise PayoutAccountNotFound()


async def change_account(dependencies: FinanceDependencies, caller: Caller, merchant: str) -> str:
    """The subject. Raises PayoutAccountNotFound, Forbidden (a clerk), FreshLoginRequired."""
    caller.require(ALL_PAYOUTS, OWN_PAYOUTS)
    subject = caller.proved_within(FRESH_LOGIN_S, dependencies.clock.now_ms())
    if not caller.may(ALL_PAYOUTS):
        if merchant not in caller.merchants:
            raise PayoutAccountNotFound()
        await _check_role(dependencies, caller, merchant)
    return subject


async def _check_role(dependencies: FinanceDependencies, caller: Caller, merchant: str) -> None:
    role = (await dependencies.roles.roles_of(caller)).get(merchant)
    if role is None:
        raise PayoutAccountNotFound()
    if role not in _KEEPERS:
        raise Forbidden("only owners and managers of the merchant see and change where it is paid out")
