"""Use case: remove a client with all consents given to it, and end its tokens."""

from renga.domains.identity.contract import CallOrigin, ClientNotFound
from renga.domains.identity.organisations.ports import ClientStore, TokenFamilies


async def remove_client(
    store: ClientStore, families: TokenFamilies, client_id: str, *, by: str | None, origin: CallOrigin | None
) -> None:
    """Raises ClientNotFound. An error of ``families`` leaves the client, so that the removal can be retried.

    Tokens end before the removal, so that a crash leaves none without a client, and after it, for those issued meanwhile.
    """
    if await store.find(client_id) is None:
        raise ClientNotFound()
    await families.end(client_id=client_id, account_id=None)
    async with store.work() as work:
        if not await work.remove(client_id):
            raise ClientNotFound()
        await work.record("client_removed", by=by, account_id=None, origin=origin, client_id=client_id)
    await families.end(client_id=client_id, account_id=None)
