"""Who works for merchants and providers, as identity says."""

from typing import Any

import pytest

from renga.domains.identity.contract import ADMINISTRATION, Account, AccountStanding, Merchant
from renga.domains.identity.contract.errors import AccountNotFound
from renga.domains.payments.finance.identity_people import IdentityPartners, IdentityRoles, NobodyWorks
from renga.domains.payments.finance.providers.bank_seal import AesBankSeal, BankSealBroken
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.errors import Unauthenticated

ANA = Caller("ana")


class Merchants:
    async def of_account(self, caller: Caller) -> tuple[tuple[Merchant, str], ...]:
        if caller.identified() != "ana":
            raise AccountNotFound()
        return tuple(
            (Merchant(id=name, name=name, slug=name, created_at=""), role)
            for name, role in (("olaria", "owner"), ("outra", "clerk"))
        )


class Administration:
    async def account(self, caller: Caller, account_id: str) -> AccountStanding:
        caller.require(ADMINISTRATION)
        if account_id == "nobody":
            raise AccountNotFound()
        kinds: Any = ("customer", "processor") if account_id == "paulo" else ("customer",)
        account = Account(
            id=account_id, email="", email_verified=True, name="", language="pt-BR", stakeholders=kinds,
            second_factor=True, passkeys=0, created_at="",
        )  # fmt: skip
        return AccountStanding(account=account, locked_at=None)


async def test_roles_are_those_of_the_members() -> None:
    roles: Any = IdentityRoles(Merchants())  # type: ignore[arg-type]
    assert await roles.roles_of(ANA) == {"olaria": "owner", "outra": "clerk"}
    assert await roles.roles_of(Caller.of_system("x")) == {}
    with pytest.raises(Unauthenticated):
        await roles.roles_of(ANONYMOUS)


async def test_partners_are_accounts_of_their_kind() -> None:
    partners = IdentityPartners(Administration())  # type: ignore[arg-type]
    assert [await partners.is_partner(one) for one in ("paulo", "ana", "nobody")] == [True, False, False]


async def test_where_no_identity_runs_nobody_works() -> None:
    nobody = NobodyWorks()
    assert await nobody.roles_of(ANA) == {}
    assert await nobody.is_partner("paulo") is False


def test_sealed_details_open_only_for_their_merchant_and_secret() -> None:
    seal, other = AesBankSeal(b"s" * 32), AesBankSeal(b"t" * 32)
    sealed = seal.close("conta 1", "olaria")
    assert b"conta" not in sealed
    assert seal.open(sealed, "olaria") == "conta 1"
    assert seal.close("conta 1", "olaria") != sealed
    for wrong, merchant in ((seal, "outra"), (other, "olaria")):
        with pytest.raises(BankSealBroken):
            wrong.open(sealed, merchant)
    assert seal.digest("conta 1", "olaria") == seal.digest("conta 1", "olaria")
    assert (
        len({seal.digest("conta 1", "olaria"), seal.digest("conta 1", "outra"), other.digest("conta 1", "olaria")}) == 3
    )
