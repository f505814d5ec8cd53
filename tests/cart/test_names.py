"""Lines of any sku can be stored in a cart and named in paths."""

from urllib.parse import quote

import httpx
import pytest

from tests.cart.support import MemoryCatalog, offer

ODD = ["a/b", "a%b", "ü b", "..", "a%2Fb"]


@pytest.mark.parametrize("sku", ODD)
async def test_a_line_is_added_set_and_removed(api: httpx.AsyncClient, catalog: MemoryCatalog, sku: str) -> None:
    catalog.put(offer(sku, BRL=1_999))
    cart = (await api.post("/v1/carts", json={"currency": "BRL"})).json()["id"]
    added = await api.post(f"/v1/carts/{cart}/lines", json={"sku": sku})
    (line,) = added.json()["lines"]
    assert (line["sku"], line["quantity"]) == (sku, 1)
    path = f"/v1/carts/{cart}/lines/{quote(line['line'], safe='')}"
    assert (await api.patch(path, json={"quantity": 3})).json()["lines"][0]["quantity"] == 3
    assert (await api.delete(path)).json()["lines"] == []
