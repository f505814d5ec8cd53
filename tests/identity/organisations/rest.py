"""Identity's REST face behind the gate, with callers that the test names in a header."""

from typing import Any

import httpx
from litestar import Litestar

from renga.domains.identity.administration.administer import LocalAdministration
from renga.domains.identity.http import routes
from renga.domains.identity.stores.directory import PostgresDirectory
from renga.platform.auth.authenticate import NOBODY, Identity
from renga.platform.auth.principal import Principal
from renga.platform.http.gate import Gate
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.sessions.port import Session
from tests.identity.accounts.people import People
from tests.identity.organisations.house import ALWAYS_MS, SECRET, House
from tests.modules import GRANTS

#: Everything that anyone may: what is refused with it is refused for another reason than a scope.
EVERY = GRANTS.scopes_of(("customer", "merchant", "operator", "finance", "processor", "admin", "service"))


class Browsers:
    """``Sessions``, as far as the REST face asks it."""

    def __init__(self) -> None:
        self.known: dict[str, list[Session]] = {}

    def log_in(self, account_id: str, session_id: str) -> None:
        self.known.setdefault(account_id, []).append(Session(id=session_id, csrf="c", account_id=account_id))

    async def of_account(self, account_id: str) -> tuple[Session, ...]:
        return tuple(self.known.get(account_id, ()))

    async def revoke(self, account_id: str, session_id: str | None = None, *, but: str | None = None) -> int:
        before = self.known.get(account_id, [])
        left = [one for one in before if one.id == but or (session_id is not None and one.id != session_id)]
        self.known[account_id] = left
        return len(before) - len(left)


class Rest:
    """The application, and callers by name."""

    def __init__(self, house: House, *, people: People | None = None) -> None:
        self.house = house
        self.people = people or People(house.pool)
        self.accounts = self.people.accounts
        self.browsers = Browsers()
        self.callers: dict[str, Principal] = {}
        self.app = Litestar(
            routes(
                accounts=self.accounts,
                organisations=house.merchants,
                keys=house.keys,
                oauth_clients=house.clients,
                audit=self.people.audit,
                administration=LocalAdministration(
                    self.people.dependencies,
                    PostgresDirectory(house.pool, secret=SECRET, clock=house.clock),
                    house.merchant_store,
                ),
                buyers=house.buyers,
                sessions=self.browsers,  # type: ignore[arg-type]  # the part that is asked
            ),
            guards=[Gate(self).guard],  # type: ignore[arg-type]  # stands for the authenticator
            exception_handlers=EXCEPTION_HANDLERS,
        )
        transport = httpx.ASGITransport(self.app)  # type: ignore[arg-type]  # Litestar types its scopes more narrowly
        self.http = httpx.AsyncClient(transport=transport, base_url="http://shop.test/v1/identity")

    async def identify(self, scope: Any, *, own_client: bool = False) -> Identity:
        """The gate's authenticator: the caller that the header ``x-as`` names."""
        name = dict(scope["headers"]).get(b"x-as", b"").decode()
        return Identity(self.callers[name], None) if name else NOBODY

    def let(self, name: str, subject: str, scopes: frozenset[str] = EVERY, **more: Any) -> None:
        """From now on ``name`` calls as this subject."""
        given: dict[str, Any] = {"kind": "token", "client_id": "storefront"}
        given |= {"proved_ms": None if more.get("kind") == "api_key" else ALWAYS_MS} | more
        self.callers[name] = Principal(subject=subject, scopes=scopes, **given)

    async def ask(self, name: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A request by ``name`` ("" is nobody)."""
        sent = {"x-as": name} if name else {}
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        return await self.http.request(method, path, json=body, headers=sent)
