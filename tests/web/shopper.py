"""A visitor of the storefront over HTTP: keeps cookies, reads forms out of pages and posts them."""

import re
from html import unescape
from types import TracebackType

import httpx
from litestar import Litestar

from renga.domains.pricing.contract import Pricing
from renga.frontends.web.storefront import routes
from renga.kernel.clock import ManualClock
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.settings import PlatformSettings
from tests.catalog.fake import FakeCatalog
from tests.search.fake import FakeSearch
from tests.web.fakes import FakeCarts

BASE = "http://shop.test"
CART_OF_NOBODY = "0192f0c4-7e1a-7abc-8def-000000000000"


class Shopper:
    """The shop and one visitor of it; as an async context manager."""

    def __init__(
        self,
        *,
        public_url: str = BASE,
        headers: dict[str, str] | None = None,
        catalog: FakeCatalog | None = None,
        searchable: bool = False,
        settings: PlatformSettings | None = None,
        pricing: Pricing | None = None,
    ) -> None:
        self.clock = ManualClock()
        self.catalog = catalog or FakeCatalog()
        self.search = FakeSearch(self.catalog)
        self.carts = FakeCarts(self.catalog, self.clock)
        settings = settings or PlatformSettings(public_url=public_url)
        app = Litestar(
            routes(
                self.catalog,
                self.carts,
                settings=settings,
                clock=self.clock,
                search=self.search if searchable else None,
                pricing=pricing,
            ),
            exception_handlers=EXCEPTION_HANDLERS,
            openapi_config=None,
        )
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # Litestar types its scopes more narrowly
        self.http = httpx.AsyncClient(transport=transport, base_url=public_url, headers=headers or {})

    async def __aenter__(self) -> "Shopper":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
        return await self.http.post(path, data=fields, headers=headers)

    async def land(self, path: str, **fields: str) -> httpx.Response:
        """Post a form and follow its redirect."""
        answer = await self.post(path, headers=None, **fields)
        assert answer.status_code == 303, answer.text
        return await self.get(answer.headers["location"])

    async def add(self, sku: str = "CUP-BLUE", quantity: str = "1", key: str = "") -> httpx.Response:
        return await self.land("/cart/lines", sku=sku, quantity=quantity, key=key)

    @property
    def cart_id(self) -> str:
        return self.http.cookies["renga_cart"]

    def lines(self) -> dict[str, int]:
        """The cart's skus and quantities as the store has them."""
        return {line.sku: line.quantity for line in self.carts.carts[self.cart_id].lines}


def hidden(page: httpx.Response, name: str) -> list[str]:
    """The values of all hidden fields of a name."""
    return [unescape(v) for v in re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)">', page.text)]


def text_of(page: httpx.Response) -> str:
    """The page's words without markup, spaces made single (non-breaking ones too)."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())
