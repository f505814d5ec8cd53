"""A PostgreSQL that hangs: what was seen of the catalogue answers within its deadline, what was not is a problem."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.flows.shop import Shop
from tests.support import eventually

#: What a reader waits for a page, at the most; the shop's own deadline for its database is 5 s.
DEADLINE_S = 2.0
UNSEEN_DEADLINE_S = 20.0
SLUG = "cafe-serra-lenta"
PATHS = (f"/v1/products/{SLUG}", "/v1/products?limit=5", "/v1/categories")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    # fresh so short that everything seen is old when the database hangs
    running = Shop(tmp_path, RENGA_CACHE_FRESH_MS="200")
    try:
        running.start()
        yield running
    finally:
        running.kill()


def database_processes(shop: Shop) -> list[int]:
    """The server of this shop's data folder and its children."""
    pid = int(next(shop.data.rglob("postmaster.pid")).read_text().splitlines()[0])
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def degraded(metrics: str, what: str) -> float:
    for line in metrics.splitlines():
        if line.startswith(f'renga_degraded_total{{what="{what}"}}'):
            return float(line.rpartition(" ")[2])
    return 0.0


async def test_what_was_seen_answers_while_the_database_hangs_and_what_was_not_is_503(shop: Shop) -> None:
    async with httpx.AsyncClient(base_url=shop.url, timeout=UNSEEN_DEADLINE_S) as client:
        product = (await client.get(PATHS[0])).json()
        sku = product["variants"][0]["sku"]
        seen = {path: (await client.get(path)).json() for path in PATHS}
        assert (await client.get(f"/p/{SLUG}")).status_code == 200
        cart = (await client.post("/v1/carts", json={"currency": "BRL"})).json()
        lines = f"/v1/carts/{cart['id']}/lines"
        assert (await client.post(lines, json={"sku": sku, "quantity": 1})).status_code == 200
        stopped = database_processes(shop)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            for _ in range(3):
                for path, body in seen.items():
                    answer = await client.get(path, timeout=DEADLINE_S)
                    assert (answer.status_code, answer.json()) == (200, body)
                page = await client.get(f"/p/{SLUG}", timeout=DEADLINE_S)
                assert (page.status_code, product["title"] in page.text) == (200, True)
                added = await client.post(lines, json={"sku": sku, "quantity": 1}, timeout=DEADLINE_S)
                assert added.status_code == 200
            unseen = await client.get("/v1/products/jarra-ipe")
            assert (unseen.status_code, unseen.json()["status"]) == (503, 503)
            assert unseen.headers["content-type"] == "application/problem+json"
            assert int(unseen.headers["retry-after"]) >= 1

            async def counted() -> bool:
                # long enough for what pages and carts remember of the stock and of groups to be old
                assert (await client.get(f"/p/{SLUG}", timeout=DEADLINE_S)).status_code == 200
                assert (await client.get(lines.removesuffix("/lines"), timeout=DEADLINE_S)).status_code == 200
                await client.get(PATHS[0], timeout=DEADLINE_S)
                return degraded((await client.get("/metrics")).text, "catalog") > 0

            await eventually(counted, timeout_s=30)
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)

        async def recovered() -> bool:
            return (await client.get("/v1/products/jarra-ipe")).status_code == 200

        await eventually(recovered, timeout_s=60)
        assert (await client.get(f"/v1/carts/{cart['id']}")).json()["lines"][0]["quantity"] == 4
