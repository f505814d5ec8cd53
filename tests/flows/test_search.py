"""Search of a running shop: a change reaches it as news, and its commands work beside it."""

from pathlib import Path
from typing import Any

import httpx

from tests.flows.shop import Shop
from tests.support import eventually

PRODUCTS = "/v1/catalog/products"
PATCH = {"Content-Type": "application/merge-patch+json"}


def bearer(shop: Shop, scope: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {shop.run('token', 'clerk', '--scope', scope).stdout.strip()}"}


async def found(client: httpx.AsyncClient, **asked: Any) -> list[str]:
    answer = await client.get("/v1/search", params=asked)
    assert answer.status_code == 200, answer.text
    return [item["slug"] for item in answer.json()["items"]]


async def test_a_product_is_found_by_what_it_is_called_now_and_not_once_it_is_archived(shop: Shop) -> None:
    headers = bearer(shop, "catalog:manage")
    async with httpx.AsyncClient(base_url=shop.url, timeout=30) as client:
        row = {
            "slug": "flow-found",
            "title": {"pt-BR": "Zumbidora portátil"},
            "variants": [{"sku": "FLOW-FOUND", "prices": {"BRL": 1_000}}],
            "merchant": (await client.get(PRODUCTS, headers=headers)).json()["items"][0]["merchant"],
        }
        made = await client.post(PRODUCTS, json=row, headers=headers)
        assert made.status_code == 201, made.text

        async def called(word: str, *slugs: str) -> None:
            async def so() -> bool:
                return await found(client, q=word) == list(slugs)

            await eventually(so, timeout_s=20)

        await called("zumbidora", "flow-found")
        path = f"{PRODUCTS}/flow-found"
        renamed = await client.patch(path, json={"title": {"pt-BR": "Gorjeadora"}}, headers={**headers, **PATCH})
        assert renamed.status_code == 200, renamed.text
        await called("gorjeadora", "flow-found")
        await called("zumbidora")
        archived = await client.delete(path, headers=headers)
        assert archived.status_code == 200, archived.text
        await called("gorjeadora")


async def test_the_index_is_rebuilt_and_verified_beside_the_shop(shop: Shop) -> None:
    async with httpx.AsyncClient(base_url=shop.url, timeout=30) as client:
        before = await found(client, q="caneca")
        assert before

        async def agree() -> bool:
            return shop.run("search", "verify").stdout.startswith("index and catalogue agree: ")

        await eventually(agree, timeout_s=30)
        rebuilt = shop.run("search", "rebuild")
        assert rebuilt.returncode == 0, rebuilt.stderr
        assert rebuilt.stdout.startswith("the index is new: ")
        await eventually(agree, timeout_s=30)
        assert await found(client, q="caneca", limit=19) == before[:19]


async def test_synonyms_of_a_file_are_known_in_the_running_shop(shop: Shop, folder: Path) -> None:
    file = folder / "words.toml"
    file.write_text('[[synonyms]]\nwords = ["bebedoura"]\nto = ["caneca"]\n')
    async with httpx.AsyncClient(base_url=shop.url, timeout=30) as client:
        assert await found(client, q="bebedoura") == []
        done = shop.run("search", "synonyms", "pt-BR", str(file))
        assert (done.returncode, done.stdout) == (0, "pt-BR: 1 synonyms\n"), done.stderr

        async def known() -> bool:
            return bool(await found(client, q="bebedoura"))

        try:
            await eventually(known, timeout_s=20)
            asked = await client.get("/v1/search/synonyms/pt-BR", headers=bearer(shop, "search:manage"))
            assert asked.json() == {"items": [{"words": ["bebedoura"], "to": ["caneca"]}]}
            wrong = folder / "wrong.toml"
            wrong.write_text('[[synonyms]]\nwords = ["bebedoura"]\nto = ["\\u0000"]\n')
            refused = shop.run("search", "synonyms", "pt-BR", str(wrong))
            assert (refused.returncode, refused.stderr.count("\n")) == (2, 1), refused.stderr
            again = await client.get("/v1/search/synonyms/pt-BR", headers=bearer(shop, "search:manage"))
            assert again.json() == asked.json()
        finally:
            file.write_text("synonyms = []\n")
            assert shop.run("search", "synonyms", "pt-BR", str(file)).returncode == 0
