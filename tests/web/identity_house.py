"""A shop with accounts, all contracts in memory: what the pages' tests share over HTTP and in a browser."""

from typing import Any, cast

from litestar import Request, Response, get
from litestar.params import FromQuery

from renga.domains.identity.contract import Clients, Merchants
from renga.frontends.web.identity_pages import IdentityPages, LogIn, ProviderLink
from renga.kernel.clock import Clock
from renga.kernel.errors import NotFound
from tests.catalog.buyers import MemoryBuyerFacts
from tests.web.identity_desks import FakeApiKeys, FakeClients, FakeConsents, FakeMerchants, FakeSessions
from tests.web.identity_fakes import FakeAccounts


class House:
    """``taken`` are the carts that were taken over, with whose they became."""

    def __init__(
        self, clock: Clock, accounts: FakeAccounts | None = None, *, providers: tuple[ProviderLink, ...] = ()
    ) -> None:
        self.accounts = accounts or FakeAccounts(clock)
        self.sessions = FakeSessions(clock)
        self.api_keys = FakeApiKeys(clock)
        self.clients = FakeClients()
        self.merchants = FakeMerchants()
        self.consents = FakeConsents(self.accounts)
        self.facts = MemoryBuyerFacts()
        self.taken: list[tuple[str | None, str]] = []
        self.cart_of: dict[str, str] = {}
        self.cart_trouble: NotFound | None = None
        self.providers = providers

    async def take_over(self, cart_id: str | None, account_id: str) -> str | None:
        if self.cart_trouble:
            raise self.cart_trouble
        self.taken.append((cart_id, account_id))
        known = self.cart_of.get(account_id, cart_id)
        if known is not None:
            self.cart_of[account_id] = known
        return known

    def external(self, log_in: LogIn) -> list[Any]:
        """A provider that vouches for whoever is named."""

        @get("/login/with/keycloak", include_in_schema=False)
        async def vouched(
            request: Request[Any, Any, Any], who: FromQuery[str], next_: FromQuery[str] = ""
        ) -> Response[Any]:
            person = self.accounts.by_email(who)
            assert person is not None
            return await log_in(request, person.account, ("fed",), next_)

        return [vouched]

    def pages(self) -> IdentityPages:
        # these two fakes answer only what the pages ask
        clients, merchants = cast(Clients, cast(Any, self.clients)), cast(Merchants, cast(Any, self.merchants))
        return IdentityPages(
            accounts=self.accounts,
            clients=clients,
            api_keys=self.api_keys,
            merchants=merchants,
            sessions=self.sessions,
            take_over=self.take_over,
            key_scopes=lambda _: self.api_keys.may,
            consents=self.consents,
            facts=self.facts,
            providers=self.providers,
            external=self.external,
        )
