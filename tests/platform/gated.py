"""A small application behind edge and gate: one lean operation and one handler of each kind, and who they saw."""

from typing import Any

import httpx
import msgspec
from joserfc.jwk import ECKey, KeySet
from litestar import Litestar, Request, Response, get, post

from renga.apps.modules import DECLARED
from renga.domains.identity.contract import STAFF
from renga.kernel.clock import Clock, ManualClock, SystemClock
from renga.kernel.ids import id_source
from renga.platform.auth.access import PUBLIC, Access
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.lookups import KeyEntry, SessionRights
from renga.platform.auth.signing import sign
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.edge import Edge
from renga.platform.http.gate import Gate
from renga.platform.http.lean import Answer, Call, LeanTable, Operation
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.ratelimit.port import RateLimiter
from renga.platform.ratelimit.rates import RateLimitSettings
from renga.platform.sessions.port import Session
from tests.platform.fake_sessions import MemorySessions

HOST = "shop.test"
CART = Access(scopes=("cart",), instead=("carts:any",), guest=True)
ACCOUNT = Access(scopes=("account",))
SCOPES = {"customer": frozenset({"cart", "account"}), "admin": frozenset({"identity:admin"})}


def _scope(request: Request[Any, Any, Any]) -> Any:
    return request.scope


def _nonce(request: Request[Any, Any, Any]) -> str:
    return str(_scope(request)["renga_nonce"])


class Limit(msgspec.Struct, frozen=True):
    per_minute: int = 600
    burst: int = 60


class Key(msgspec.Struct, frozen=True):
    """What identity's ApiKey is to the platform."""

    id: str = "key-1"
    account_id: str = "alice"
    merchant_id: str | None = "merchant-1"
    scopes: tuple[str, ...] = ("cart",)
    limit: Limit = Limit()


class GatedApp:
    """``effects`` is what the handlers did, ``seen`` the principals that they saw; the keys are ``rk_good`` alone."""

    def __init__(
        self,
        *,
        https: bool = False,
        limiter: RateLimiter | None = None,
        settings: RateLimitSettings | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.clock = clock or ManualClock(SystemClock().now_ms())
        self.base = f"{'https' if https else 'http'}://{HOST}"
        self.key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        self.sessions = MemorySessions(new_id=id_source(SystemClock()), clock=self.clock)
        self.effects: list[str] = []
        self.seen: list[Any] = []
        self.keys: dict[str, KeyEntry] = {"rk_good": Key()}
        authenticator = Authenticator(
            TokenVerifier(KeySet([self.key]), issuer="renga", clock=self.clock),
            public_url=self.base,
            check_key=self._check_key,
            sessions=self.sessions,
            rights_of=self._rights_of,
        )
        self.gate = Gate(
            authenticator,
            limiter=limiter,
            settings=settings,
            rate_classes=DECLARED.rate_classes,
            public_url=self.base,
        )
        app, table = self._app()
        self.app = Edge(app, https=https, lean=table)

    async def _rights_of(self, session: Session, strong: bool) -> SessionRights:
        acts_as = [one for one in session.stakeholders if strong or one not in STAFF]
        return SessionRights(frozenset[str]().union(*(SCOPES[one] for one in acts_as)))

    def token(self, scope: str = "cart", subject: str = "alice", life_s: int = 600) -> str:
        return sign(
            self.key, subject=subject, scope=scope, issuer="renga", life_s=life_s, clock=self.clock, token_id="t"
        )

    async def session(self, account: str | None = "alice", **more: Any) -> tuple[str, Session]:
        """The cookie of a browser that is logged in (or, without an account, is not)."""
        secret, session = await self.sessions.start(address="", agent="")
        if account is not None:
            hers = {"account_id": account, "stakeholders": ("customer",), "amr": ("pwd",)} | more
            secret = await self.sessions.rotate(secret, msgspec.structs.replace(session, **hers))
        found = await self.sessions.read(secret)
        assert found is not None
        return secret, found

    def client(self, address: str = "192.0.2.1") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app, client=(address, 1))  # type: ignore[arg-type]  # an ASGI app like any
        return httpx.AsyncClient(transport=transport, base_url=self.base)

    async def _check_key(self, key: str) -> KeyEntry | None:
        return self.keys.get(key)

    async def _see(self, call: Call) -> Answer:
        self.effects.append("lean")
        self.seen.append(call.principal)
        return Answer(200, b"{}")

    def _app(self) -> tuple[Litestar, LeanTable]:
        def operation(method: str, path: str, access: Access) -> Operation:
            rate: Any = "read" if method == "GET" else "cart_write"
            return Operation(
                method=method, path=path, handler=self._see, access=access, rate=rate, id=method, summary="", tag=""
            )

        @get("/public", opt={"access": PUBLIC})
        async def public() -> str:
            return "open"

        @get("/page", opt={"access": PUBLIC})
        async def page(request: Request[Any, Any, Any]) -> Response[str]:
            return Response(f"<script nonce='{_nonce(request)}'></script>", media_type="text/html")

        @get("/framed", opt={"access": PUBLIC})
        async def framed() -> Response[str]:
            return Response("", media_type="text/html", headers={"content-security-policy": "default-src 'self'"})

        @post("/account", opt={"access": ACCOUNT}, status_code=200)
        async def account(request: Request[Any, Any, Any]) -> str:
            self.effects.append("account")
            self.seen.append(_scope(request)["renga_principal"])
            return (await request.body()).decode()

        @post("/login", opt={"access": PUBLIC, "rate": "login"}, status_code=200)
        async def login() -> str:
            self.effects.append("login")
            return ""

        @post("/token", opt={"access": Access(guest=True, own_client=True), "rate": "token"}, status_code=200)
        async def token(request: Request[Any, Any, Any]) -> str:
            return str(request.headers.get("authorization"))

        operations = [operation("GET", "/lean/thing", CART), operation("POST", "/lean/thing", CART)]
        app = Litestar(
            route_handlers=[self.gate.behind([public, page, framed, account, login, token])],
            exception_handlers=EXCEPTION_HANDLERS,
            openapi_config=None,
            logging_config=None,
        )
        return app, LeanTable(app, operations, body_max_bytes=1_000, gate=self.gate)
