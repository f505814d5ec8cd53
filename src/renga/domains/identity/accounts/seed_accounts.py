"""Use case: one account of each kind for the embedded demo shop. Never for a real shop.

Addresses and passwords are public; the secret of the second factor is derived from the shop's, so each shop has its own.
"""

import base64
import contextlib
import hmac

import msgspec

from renga.domains.identity.accounts.add_account import add_account
from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.model.values import TotpState
from renga.domains.identity.accounts.ports import EmailTaken, Unit
from renga.domains.identity.contract import Stakeholder


class DemoAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Credentials of a demo account: ``totp_secret`` is base32, None if it needs no second factor (not ``staff``)."""

    kind: Stakeholder
    email: str
    password: str
    name: str
    staff: bool = True
    totp_secret: str | None = None
    account_id: str = ""


DEMO = (
    DemoAccount(
        kind="customer",
        email="ana@demo.example",
        password="ipe-amarelo-na-varanda",
        name="Ana Ribeiro",
        staff=False,
    ),
    DemoAccount(
        kind="merchant",
        email="olaria@demo.example",
        password="barro-lento-torno-manso",
        name="Marta Olaria",
    ),
    DemoAccount(
        kind="operator",
        email="entrega@demo.example",
        password="caminho-curto-estrada-boa",
        name="Otto Entrega",
    ),
    DemoAccount(
        kind="finance",
        email="caixa@demo.example",
        password="conta-certa-livro-aberto",
        name="Fabiana Caixa",
    ),
    DemoAccount(
        kind="processor",
        email="parceiro@demo.example",
        password="ponte-larga-rio-sem-pressa",
        name="Paulo Parceiro",
    ),
    DemoAccount(
        kind="admin",
        email="admin@demo.example",
        password="chave-mestra-porta-azul",
        name="Ada Zeladora",
    ),
)

#: The secrets that every shop had before each got its own: seeding replaces them.
_PUBLISHED = frozenset(f"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PX{last}" for last in "ABCD")
_TOTP_BYTES = 20


def demo_accounts(secret: bytes) -> tuple[DemoAccount, ...]:
    """The credentials in the shop with this secret. None of them reveals it, or another shop's."""
    return tuple(
        msgspec.structs.replace(one, totp_secret=_totp_secret(secret, one.email)) if one.staff else one for one in DEMO
    )


def _totp_secret(secret: bytes, email: str) -> str:
    made = hmac.digest(secret, f"renga demo second factor\0{email}".encode(), "sha256")
    return base64.b32encode(made[:_TOTP_BYTES]).decode()


async def seed_accounts(dependencies: AccountDependencies) -> tuple[DemoAccount, ...]:
    """Create missing accounts; existing ones stay as they are. Returns the credentials of each."""
    return tuple([await _seed(dependencies, demo) for demo in demo_accounts(dependencies.secret)])


async def _seed(dependencies: AccountDependencies, demo: DemoAccount) -> DemoAccount:
    async with dependencies.units.begin() as unit:
        there = await unit.people.by_email(demo.email)
    if there is None:
        # another process seeded at the same time: the account exists
        with contextlib.suppress(EmailTaken):
            await add_account(
                dependencies,
                demo.email,
                demo.name,
                language="pt-BR",
                stakeholders=(demo.kind,),
                by="system",
                password=demo.password,
                verified=True,
            )
    async with dependencies.units.begin() as unit:
        person = await unit.people.by_email(demo.email, lock=True)
        if person is None:
            return demo  # erased at the same time
        if demo.totp_secret is not None and not await _has_own(dependencies, unit, person.id):
            sealed = dependencies.seal.close(demo.totp_secret, person.id)
            await unit.proofs.save_totp(person.id, TotpState(secret=sealed))
    return msgspec.structs.replace(demo, account_id=person.id)


async def _has_own(dependencies: AccountDependencies, unit: Unit, account_id: str) -> bool:
    """Whether the account has a second factor that is not one of the published secrets."""
    sealed = (await unit.proofs.totp(account_id)).secret
    return sealed is not None and dependencies.seal.open(sealed, account_id) not in _PUBLISHED
