"""Use case: register an OAuth client. A secret is shown only once; its keyed hash is stored."""

import base64

import msgspec

from renga.domains.identity.api_keys.model.key_format import Hasher, Randomness, new_secret
from renga.domains.identity.clients.model import checked_client, checked_client_id
from renga.domains.identity.contract import CallOrigin, Client, ClientIdTaken, TooMany
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.organisations.model.limits import CLIENTS_MAX
from renga.domains.identity.organisations.ports import ClientStore
from renga.kernel.once import Once

_WITH_SECRET = ("client_secret_basic", "client_secret_post")


async def register_client(
    store: ClientStore,
    grants: Grants,
    client: Client,
    *,
    secret: str | None,
    by: str | None,
    origin: CallOrigin | None,
    once: Once | None,
    hasher: Hasher,
    randomness: Randomness,
) -> tuple[Client, str | None]:
    """``secret``: the demo's; None generates one. Raises ClientInvalid, ClientIdTaken, TooMany, IdempotencyConflict."""
    client_id = client.id or base64.b32encode(randomness(10)).decode().lower()
    client = msgspec.structs.replace(checked_client(client, grants), id=checked_client_id(client_id))
    shown = (secret or new_secret(randomness)) if client.auth_method in _WITH_SECRET else None
    if shown is not None:
        client = msgspec.structs.replace(client, secret_hashed=hasher.hash(shown).hex())
    async with store.work() as work:
        if (done := await work.replay(once, tuple[Client, str | None])) is not None:
            return done
        if await work.count() >= CLIENTS_MAX:
            raise TooMany(limit=CLIENTS_MAX)
        if not await work.add(client):
            raise ClientIdTaken(id=client.id)
        await work.record("client_registered", by=by, account_id=None, origin=origin, client_id=client.id)
        await work.keep(once, (client, shown))
    return client, shown
