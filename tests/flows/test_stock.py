"""Stock of a running shop: what is counted decides, everywhere, within moments."""

from typing import Any

import httpx

from tests.flows.shop import Shop
from tests.support import eventually

SLUG, SKU = "terrario-orvalho", "TER-ORVALHO"
GRAPH = f'{{ product(slug: "{SLUG}") {{ variants {{ availability }} }} }}'


def keeper(shop: Shop) -> dict[str, str]:
    return {"Authorization": f"Bearer {shop.run('token', 'clerk', '--scope', 'inventory:manage').stdout.strip()}"}


async def answered(client: httpx.AsyncClient, path: str, **asked: Any) -> Any:
    answer = await client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def shown(client: httpx.AsyncClient) -> tuple[bool, str, bool]:
    """Whether search has it among what is sold out, what GraphQL says, whether the page offers it."""
    hits = await answered(client, "/v1/search", availability="out_of_stock", limit=50)
    graph = await client.post("/graphql", json={"query": GRAPH})
    page = await client.get(f"/p/{SLUG}")
    assert page.status_code == 200, page.text
    said = graph.json()["data"]["product"]["variants"][0]["availability"]
    return SLUG in [hit["slug"] for hit in hits["items"]], said, "https://schema.org/InStock" in page.text


async def test_what_runs_out_is_sold_out_everywhere_and_comes_back(shop: Shop) -> None:
    async with httpx.AsyncClient(base_url=shop.url, timeout=30, headers=keeper(shop)) as client:
        demo = await answered(client, "/v1/availability", sku=[SKU, "CAN-AURORA-AZ", "GRA-PASSARO-A3"])
        assert [(one["sku"], one["available"]) for one in demo["items"]] == [
            (SKU, 3),
            ("CAN-AURORA-AZ", 250),
            ("GRA-PASSARO-A3", 0),
        ]

        async def become(on_hand: int, *wanted: Any) -> None:
            put = await client.put(f"/v1/inventory/levels/{SKU}", json={"on_hand": on_hand})
            assert put.status_code == 200, put.text

            async def so() -> bool:
                return await shown(client) == wanted

            await eventually(so, timeout_s=30)

        await become(0, True, "OUT_OF_STOCK", False)
        await become(3, False, "IN_STOCK", True)


async def test_the_public_sees_at_most_99(shop: Shop) -> None:
    async with httpx.AsyncClient(base_url=shop.url, timeout=30) as client:
        body = await answered(client, "/v1/availability", sku="CAN-AURORA-TR")
        assert body["items"][0]["available"] == 99
        refused = await client.put("/v1/inventory/levels/CAN-AURORA-TR", json={"on_hand": 1})
        assert refused.status_code == 401


async def test_the_stock_adds_up(shop: Shop) -> None:
    assert shop.run("check-stock").stdout.strip() == "every level adds up"
