"""Use case: forget a client with everything people allowed it; its tokens end."""

from renga.domains.identity.contract import CallOrigin, ClientNotFound
from renga.domains.identity.organisations.ports import ClientStore, TokenFamilies


async def remove_client(
    store: ClientStore, families: TokenFamilies, client_id: str, *, by: str | None, origin: CallOrigin | None
) -> None:
    """Raises ClientNotFound. An error of ``families`` leaves the client: the removal is tried again.

    Tokens end before, so that a crash leaves no tokens without a client, and after, for those that were issued meanwhile.
    """
    if await store.find(client_id) is None:
        raise ClientNotFound()
    await families.end(client_id=client_id, account_id=None)
    async with store.work() as work:
        if not await work.remove(client_id):
            raise ClientNotFound()
        await work.record("client_removed", by=by, account_id=None, origin=origin, client_id=client_id)
    await families.end(client_id=client_id, account_id=None)
