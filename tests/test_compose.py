"""What a process opens on which server."""

from pathlib import Path

from redis.asyncio import Redis

from renga.apps.compose import open_process
from renga.apps.settings import load_settings, reach
from renga.frontends.bff.graphql.documents import sha256
from renga.frontends.bff.stores.redis import key_of
from renga.platform.settings import Sources

QUERY = "{ products(first: 1) { nodes { slug } } }"


async def test_what_may_be_evicted_is_not_kept_on_the_carts_own_server(
    valkey_url: str, database_url: str, tmp_path: Path
) -> None:
    base = valkey_url.rstrip("/").removesuffix("/0")
    shared, own = f"{base}/0", f"{base}/1"
    overrides = {"data": str(tmp_path), "redis": shared, "database": database_url, "cart.store": own}
    settings = reach(load_settings(Sources(environment={}, file=tmp_path / "none.toml", overrides=overrides)))
    digest = sha256(QUERY)
    async with open_process(settings) as process:
        assert len(process.resources.caches) == 2  # the catalogue's and GraphQL's
        await process.contract("catalog").cached.products(limit=1)
        await process.contract("bff")._persisted.put(digest, QUERY)
    async with (
        Redis.from_url(own, decode_responses=True) as carts,
        Redis.from_url(shared, decode_responses=True) as rest,
    ):
        assert await carts.keys("*") == ["renga:cart:shards"]
        assert key_of(digest) in await rest.keys("*")
