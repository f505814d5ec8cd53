"""Use case: one account of each kind for the embedded demo shop, with public credentials. Never for a real shop."""

import contextlib

import msgspec

from renga.domains.identity.accounts.add_account import add_account
from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.model.values import TotpState
from renga.domains.identity.accounts.ports import EmailTaken
from renga.domains.identity.contract import Stakeholder


class DemoAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Credentials of a demo account: ``totp_secret`` is base32, None if it needs no second factor."""

    kind: Stakeholder
    email: str
    password: str
    name: str
    totp_secret: str | None
    account_id: str = ""


DEMO = (
    DemoAccount(
        kind="customer",
        email="ana@demo.example",
        password="ipe-amarelo-na-varanda",
        name="Ana Ribeiro",
        totp_secret=None,
    ),
    DemoAccount(
        kind="merchant",
        email="olaria@demo.example",
        password="barro-lento-torno-manso",
        name="Marta Olaria",
        totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXA",
    ),
    DemoAccount(
        kind="operator",
        email="entrega@demo.example",
        password="caminho-curto-estrada-boa",
        name="Otto Entrega",
        totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXB",
    ),
    DemoAccount(
        kind="finance",
        email="caixa@demo.example",
        password="conta-certa-livro-aberto",
        name="Fabiana Caixa",
        totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXC",
    ),
    DemoAccount(
        kind="admin",
        email="admin@demo.example",
        password="chave-mestra-porta-azul",
        name="Ada Zeladora",
        totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXD",
    ),
)


async def seed_accounts(dependencies: AccountDependencies) -> tuple[DemoAccount, ...]:
    """Create missing accounts; existing ones stay as they are. Returns the credentials of each."""
    return tuple([await _seed(dependencies, demo) for demo in DEMO])


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
        if demo.totp_secret is not None and not person.totp:
            sealed = dependencies.seal.close(demo.totp_secret, person.id)
            await unit.proofs.save_totp(person.id, TotpState(secret=sealed))
    return msgspec.structs.replace(demo, account_id=person.id)
