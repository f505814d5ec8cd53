"""Every sku that the catalogue takes can be named in a path: slashes, percent signs, blanks, other alphabets."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest
from litestar import Litestar

from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.rest.api import routes
from renga.platform.auth.authenticate import Identity
from renga.platform.http.edge import Edge
from renga.platform.http.gate import Gate
from renga.platform.http.problems import EXCEPTION_HANDLERS
from tests.catalog.selling import POTTER, SHOP_URL, Shop
from tests.catalog.shop import row


class _Potter:
    """Stands for the authenticator: everybody is the potter."""

    async def identify(self, scope: Any, *, own_client: bool = False) -> Identity:
        return Identity(POTTER, None)


@pytest.mark.parametrize("sku", ["a/b", "a%b", "ü b", "a%2Fb", "1/2-INCH", "/", "ÁGUA/500 ml", "a?b#c"])
async def test_the_price_of_any_sku_is_set_and_ended(shop: Shop, catalog: CatalogService, sku: str) -> None:
    gate = Gate(_Potter())  # type: ignore[arg-type]  # the part that is asked
    handlers = routes(catalog, shop.library, shop_url=SHOP_URL)
    app = Edge(Litestar([gate.behind(handlers)], exception_handlers=EXCEPTION_HANDLERS), https=False)
    path = f"/v1/catalog/prices/{quote(sku, safe='')}/BRL"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SHOP_URL) as client:  # type: ignore[arg-type]  # an ASGI app like any
        made = await client.post("/v1/catalog/products", json=row("x", variants=[{"sku": sku, "prices": {"BRL": 1}}]))
        assert made.status_code == 201, made.text
        assert (await client.put(path, json={"amount": 1290})).status_code == 200
        assert (await catalog.offers([sku]))[sku].prices == {"BRL": 1290}
        assert (await client.delete(path)).status_code == 200
        assert (await catalog.products_by_sku([sku]))[sku].variants[0].prices == {}
