"""A visitor of the shop with accounts, over HTTP: reads tokens out of pages, logs in, posts forms."""

import re
from html import unescape

import httpx
from litestar import Litestar

from renga.frontends.web.identity_pages import ProviderLink
from renga.frontends.web.storefront import routes
from renga.kernel.clock import ManualClock
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.settings import PlatformSettings
from tests.catalog.fake import FakeCatalog
from tests.web.fakes import FakeCarts
from tests.web.identity_fakes import PASSWORD, Person
from tests.web.identity_house import House
from tests.web.shopper import BASE, hidden

COOKIE = "renga_session"
PROVIDERS = (ProviderLink(name="Keycloak", start="/login/with/keycloak"),)


class Member:
    """The shop, its house of accounts and one browser; as an async context manager. Ana is a customer."""

    def __init__(
        self, *, language: str = "en", public_url: str = BASE, settings: PlatformSettings | None = None
    ) -> None:
        self.clock = ManualClock()
        self.house = House(self.clock, providers=PROVIDERS)
        self.ana: Person = self.house.accounts.add()
        self.catalog = FakeCatalog()
        self.carts = FakeCarts(self.catalog, self.clock)
        settings = settings or PlatformSettings(public_url=public_url)
        pages = routes(self.catalog, self.carts, settings=settings, clock=self.clock, identity=self.house.pages())
        self.app = Litestar(pages, exception_handlers=EXCEPTION_HANDLERS, openapi_config=None)
        self._language = language
        self._public_url = public_url
        self.http = self.browser()

    def browser(self) -> httpx.AsyncClient:
        """Another browser of the same shop."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),  # type: ignore[arg-type]  # Litestar types its scopes more narrowly
            base_url=self._public_url,
            headers={"accept-language": self._language, "user-agent": "Mozilla/5.0 (X11; Linux) Chrome/140.0"},
        )

    async def __aenter__(self) -> "Member":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    @property
    def secret(self) -> str:
        return self.http.cookies.get(COOKIE) or ""

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def send(self, page: str, action: str, **fields: str) -> httpx.Response:
        """Open a page, then post a form with the token that stands in it."""
        token = (hidden(await self.get(page), "csrf") or [""])[0]
        return await self.http.post(action, data={"csrf": token, **fields})

    async def log_in(self, email: str = "ana@example.com", password: str = PASSWORD, next_: str = "") -> httpx.Response:
        return await self.send("/login", "/login", email=email, password=password, next=next_)

    async def enter(self) -> "Member":
        """Ana is in."""
        answer = await self.log_in()
        assert answer.status_code == 303, answer.text
        return self


def refusals(page: httpx.Response) -> list[str]:
    """The texts of what a form was refused for."""
    found = re.findall(r'<p class="(?:error|refused)"[^>]*?(?<!hidden)>(.*?)</p>', page.text, re.S)
    return [unescape(text).strip() for text in found]


def bare(text: str) -> str:
    """A page without what differs by session or rendering."""
    return re.sub(r'name="(csrf|key)" value="[^"]*"', "", text)
