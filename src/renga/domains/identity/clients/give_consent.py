"""Use cases: give a client consent to scopes, and withdraw it."""

from collections.abc import Sequence

from renga.domains.identity.contract import AccountNotFound, CallOrigin, ClientInvalid, ClientNotFound
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.organisations.access import account_of
from renga.domains.identity.organisations.ports import ClientStore, TokenFamilies


async def give_consent(
    store: ClientStore,
    grants: Grants,
    account_id: str,
    client_id: str,
    scopes: Sequence[str],
    *,
    origin: CallOrigin | None,
) -> None:
    """Adds to the consent. Raises ClientNotFound, AccountNotFound, ClientInvalid (a scope that people do not have)."""
    if not scopes or set(scopes) - grants.for_people:
        raise ClientInvalid("these scopes cannot be allowed", field="scopes")
    async with store.work() as work:
        if not await work.exists(client_id):
            raise ClientNotFound()
        actor = await work.actor(account_of(account_id))
        if actor is None:
            raise AccountNotFound()
        await work.allow(actor.id, client_id, scopes)
        await work.record(
            "consent_given",
            by=actor.id,
            account_id=actor.id,
            origin=origin,
            client_id=client_id,
            scopes=sorted(set(scopes)),
        )


async def withdraw_consent(
    store: ClientStore, families: TokenFamilies, account_id: str, client_id: str, *, origin: CallOrigin | None
) -> None:
    """Raises AccountNotFound for a malformed account id; a missing consent is no error.

    Tokens end first: after a crash the consent is still listed and can be withdrawn again.
    """
    account_id = account_of(account_id)
    await families.end(client_id=client_id, account_id=account_id)
    async with store.work() as work:
        if await work.disallow(account_id, client_id):
            await work.record(
                "consent_withdrawn", by=account_id, account_id=account_id, origin=origin, client_id=client_id
            )
