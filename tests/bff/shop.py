"""GraphQL behind edge and gate over contracts in memory: the demo shop, or two products of which we know everything."""

from typing import Any

import httpx
import msgspec
from joserfc.jwk import ECKey, KeySet

from renga.apps.app import make_api, make_edge
from renga.apps.modules import DECLARED
from renga.domains.cart.contract import ANY_CART, Cart, CartNotFound
from renga.domains.identity.contract import CallerFacts
from renga.frontends.bff.graphql.answers import KeptGraphAnswer
from renga.frontends.bff.graphql.settings import GraphQLSettings
from renga.frontends.bff.opening import make_graphql, size_of
from renga.kernel.caller import Caller
from renga.kernel.clock import ManualClock
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.signing import sign
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.cache.factory import make_cache
from renga.platform.cache.settings import CacheSettings
from renga.platform.http.gate import Gate
from renga.platform.settings import PlatformSettings
from tests.bff.search import MemorySearch
from tests.catalog.fake import FakeCatalog
from tests.modules import shop_modules
from tests.web.fakes import FakeCarts

RESPONSE = "application/graphql-response+json"


class OwnedCarts(FakeCarts):
    """Carts that answer to their owners only, as the contract says."""

    async def read(self, caller: Caller, cart_id: str) -> Cart:
        cart = await super().read(caller, cart_id)
        if cart.customer not in (None, caller.subject) and not caller.may(ANY_CART):
            raise CartNotFound
        return cart


class GraphShop:
    """``calls`` counts what was asked of the catalogue, by method."""

    def __init__(
        self,
        settings: GraphQLSettings | None = None,
        catalog: FakeCatalog | None = None,
        facts: CallerFacts | None = None,
    ) -> None:
        self.settings = settings or GraphQLSettings(answers_max=0)
        self.catalog = catalog or FakeCatalog.demo()
        self.search = MemorySearch(self.catalog)
        self.clock = ManualClock()
        self.carts = OwnedCarts(self.catalog, self.clock)
        self.calls: dict[str, list[Any]] = {}
        self.key = ECKey.generate_key("P-256", {"kid": "test", "alg": "ES256", "use": "sig"})
        self.cache = make_cache(
            "graphql", KeptGraphAnswer, CacheSettings(fresh_ms=1_000, stale_ms=0), self.clock, None, size_of=size_of
        )
        self.graphql = make_graphql(
            self.settings,
            catalog=self._counted(),
            search=self.search,
            carts=self.carts,
            clock=self.clock,
            cache=self.cache if self.settings.answers_max else None,
            facts=facts,
        )
        authenticator = Authenticator(TokenVerifier(KeySet([self.key]), issuer="renga", clock=self.clock))
        gate = Gate(authenticator, rate_classes=DECLARED.rate_classes)
        api = make_api(shop_modules(self.catalog, self.carts, bff=self.graphql), gate=gate)
        self.app = make_edge(api, PlatformSettings())

    def _counted(self) -> Any:
        shop = self

        class Counted:
            def __getattr__(self, name: str) -> Any:
                method = getattr(shop.catalog, name)

                async def call(*args: Any, **named: Any) -> Any:
                    shop.calls.setdefault(name, []).append(args[0] if args else named)
                    return await method(*args, **named)

                return call

        return Counted()

    def token(self, subject: str, scope: str = "cart") -> dict[str, str]:
        signed = sign(self.key, subject=subject, scope=scope, issuer="renga", life_s=60, clock=self.clock, token_id="t")
        return {"authorization": f"Bearer {signed}"}

    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app)  # type: ignore[arg-type]  # an ASGI app like any
        return httpx.AsyncClient(transport=transport, base_url="http://shop.test")

    async def post(self, query: str, variables: Any = None, **headers: str) -> httpx.Response:
        async with self.client() as client:
            body = {"query": query, "variables": variables}
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.post("/graphql", json=body, headers={"accept": RESPONSE, **named})

    async def ask(self, query: str, variables: Any = None, **headers: str) -> Any:
        """The data of an answer without errors."""
        answer = await self.post(query, variables, **headers)
        found = msgspec.json.decode(answer.content)
        assert "errors" not in found, found
        assert answer.status_code == 200
        return found["data"]

    async def refused(self, query: str, variables: Any = None, **headers: str) -> Any:
        """The only error of an answer."""
        found = msgspec.json.decode((await self.post(query, variables, **headers)).content)
        (error,) = found["errors"]
        return error
