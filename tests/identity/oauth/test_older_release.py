"""An existing shop gets the second ring of keys, and its clients keep the algorithm that they have always had."""

import shutil
from pathlib import Path

import msgspec

from renga.apps.modules import DECLARED
from renga.domains.identity.accounts.providers.aes import AesSeal
from renga.domains.identity.contract import Client
from renga.domains.identity.oauth.key_making import make_key
from renga.domains.identity.oauth.signing_keys import SigningKeys
from renga.domains.identity.settings import IdentitySettings
from renga.domains.identity.stores.clients import PostgresClients
from renga.domains.identity.stores.signing_keys import PostgresSigningKeys
from renga.kernel.clock import ManualClock
from renga.platform.postgres.calls import Pool
from renga.platform.postgres.migrations import Migrations, upgrade
from renga.platform.postgres.pool import open_pool

SECRET = b"a secret of the tests"
(MIGRATIONS,) = [one for one in DECLARED.migrations if one.schema == "identity"]
SPA = Client(id="spa", name="A SPA", redirect_uris=("https://spa.example/cb",), id_token_signed_response_alg="ES256")


async def write_older(pool: Pool) -> str:
    """A client and a key as the release before wrote them; the key's id."""
    client = {n: v for n, v in msgspec.to_builtins(SPA).items() if n != "id_token_signed_response_alg"}
    body = msgspec.json.encode(client).decode()
    await pool.execute(
        "INSERT INTO identity.clients (id, document, created_ms) VALUES ('spa', $1::text::jsonb, 0)", body
    )
    key = make_key("ES256")
    private = msgspec.json.encode(key.as_dict(private=True)).decode()
    await pool.execute(
        "INSERT INTO identity.signing_keys VALUES ($1, 'active', $2::text::jsonb, $3, $4, $4)",
        key.kid,
        msgspec.json.encode(key.as_dict(private=False)).decode(),
        AesSeal(SECRET).close(private, f"signing-key {key.kid}"),
        ManualClock().now_ms(),
    )
    return str(key.kid)


async def test_older_clients_keep_es256_and_older_keys_go_on_signing(empty_database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "identity" / "stores" / "migrations" / "versions"
    folder.mkdir(parents=True)
    for number in range(1, 7):
        (file,) = MIGRATIONS.folder.glob(f"000{number}_*.py")
        shutil.copy(file, folder)
    await upgrade(empty_database_url, [Migrations("identity", folder)])
    pool, clock = await open_pool(empty_database_url), ManualClock()
    try:
        kid = await write_older(pool)
        await upgrade(empty_database_url, [MIGRATIONS])
        assert await PostgresClients(pool, secret=SECRET, clock=clock).find("spa") == SPA
        keys = SigningKeys(PostgresSigningKeys(pool), AesSeal(SECRET), IdentitySettings(), clock)
        await keys.load()
        assert keys.signer().kid == kid
        assert sorted(key["alg"] for key in keys.jwks()["keys"]) == ["ES256", "ES256", "RS256", "RS256"]
        assert keys.signer("RS256").kid != kid
    finally:
        await pool.close()
