"""Every route says who may call it, and lets in exactly those: each is tried as a guest and as each stakeholder."""

import re
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, KeySet
from litestar import Litestar, get

from renga.apps.app import Application, make_api, make_edge
from renga.apps.modules import DECLARED, MODULES
from renga.kernel.clock import SystemClock
from renga.kernel.errors import NotFound
from renga.platform.auth.access import PUBLIC, Access
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.signing import sign
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.answers import AnswerCache
from renga.platform.http.gate import Gate, check_declared, declared, handlers_of
from renga.platform.modules.opening import Opened
from renga.platform.ratelimit.classes import UNLIMITED
from renga.platform.settings import PlatformSettings, SettingsInvalid

CALLERS = ("guest", *DECLARED.grants)
CLASSES = {UNLIMITED, *(one.name for one in DECLARED.rate_classes)}
ANYONE = frozenset(CALLERS)
#: Guests by the cart's id, customers their own, services all; a clerk of another kind has no cart.
SHOPPERS = frozenset(("guest", "customer", "service"))
#: People; a service has no account.
PEOPLE = ANYONE - {"guest", "service"}
ADMINS = frozenset(("admin",))
#: Of her own products, or of all.
SELLERS = frozenset(("merchant", "admin", "service"))
#: Of what belongs to the whole shop.
SHOPKEEPERS = frozenset(("admin", "service"))
#: Who keeps the shop's books.
READERS_OF_THE_LEDGER = frozenset(("finance", "admin", "service"))
#: Of every payment, and of gift cards and store credit.
FINANCE = frozenset(("finance", "admin"))

#: Who may call: by the longest beginning of "<method> <path>" that is listed. A new route belongs to one, or gets its own line.
EXPECTED: dict[str, frozenset[str]] = {
    "GET /healthz": ANYONE,
    "GET /readyz": ANYONE,
    "GET /metrics": frozenset(("guest", "admin", "service")),
    "GET /openapi": ANYONE,
    "GET /docs": ANYONE,
    "GET /asyncapi.json": ANYONE,
    "GET /problems/": ANYONE,
    "GET /media/demo/": ANYONE,
    "GET /media/": ANYONE,
    "GET /static/": ANYONE,
    "GET /robots.txt": ANYONE,
    "GET /favicon.ico": ANYONE,
    "GET /sitemap.xml": ANYONE,
    "GET /sitemap/": ANYONE,
    "GET /v1/catalog/categories": SHOPKEEPERS,
    "GET /v1/catalog/categories/": SHOPKEEPERS,
    "PUT /v1/catalog/categories/": SHOPKEEPERS,
    "PATCH /v1/catalog/categories/": SHOPKEEPERS,
    "DELETE /v1/catalog/categories/": SHOPKEEPERS,
    "GET /v1/catalog/collections": SHOPKEEPERS,
    "GET /v1/catalog/collections/": SHOPKEEPERS,
    "PUT /v1/catalog/collections/": SHOPKEEPERS,
    "PATCH /v1/catalog/collections/": SHOPKEEPERS,
    "DELETE /v1/catalog/collections/": SHOPKEEPERS,
    "GET /v1/catalog/product-types": SHOPKEEPERS,
    "GET /v1/catalog/product-types/": SHOPKEEPERS,
    "PUT /v1/catalog/product-types/": SHOPKEEPERS,
    "PATCH /v1/catalog/product-types/": SHOPKEEPERS,
    "DELETE /v1/catalog/product-types/": SHOPKEEPERS,
    "GET /v1/catalog/": SELLERS,
    "POST /v1/catalog/": SELLERS,
    "PUT /v1/catalog/": SELLERS,
    "PATCH /v1/catalog/": SELLERS,
    "DELETE /v1/catalog/": SELLERS,
    "GET /v1/availability": ANYONE,
    "GET /v1/inventory/": SELLERS,
    "POST /v1/inventory/": SELLERS,
    "PUT /v1/inventory/": SELLERS,
    "GET /v1/promotions": SELLERS,
    "POST /v1/promotions": SELLERS,
    "GET /v1/promotions/": SELLERS,
    "POST /v1/promotions/": SELLERS,
    "PUT /v1/promotions/": SELLERS,
    "DELETE /v1/promotions/": SELLERS,
    "GET /v1/pricing/": SHOPKEEPERS,
    "PUT /v1/pricing/": SHOPKEEPERS,
    "GET /v1/ledger/": READERS_OF_THE_LEDGER,
    "GET /v1/ledger/statement": READERS_OF_THE_LEDGER | {"merchant"},
    "GET /v1/payment-methods": ANYONE,
    "GET /v1/payments": FINANCE | {"service"},
    "GET /v1/payments/": FINANCE | {"service"},
    "GET /v1/payments/{payment_id}/pix.svg": ANYONE,
    "POST /v1/payments": frozenset(("service",)),
    "POST /v1/payments/": FINANCE | {"service"},
    "POST /v1/payments/{payment_id}/review": FINANCE,
    "POST /v1/webhooks/": ANYONE,
    "GET /v1/webhook-events": FINANCE | {"service"},
    "POST /v1/webhook-events/": FINANCE,
    "GET /v1/gift-cards/": FINANCE | {"service"},
    "POST /v1/gift-cards": FINANCE,
    "POST /v1/store-credits": FINANCE,
    "GET /v1/me/": PEOPLE,
    "DELETE /v1/me/": PEOPLE,
    "GET /v1/commissions": FINANCE | {"service"},
    "PUT /v1/commissions": FINANCE,
    "GET /v1/payouts": FINANCE | {"merchant", "service"},
    "GET /v1/payouts/": FINANCE | {"merchant", "service"},
    "PUT /v1/payouts/": FINANCE,
    "GET /v1/merchants/{merchant_id}/payout-account": FINANCE | {"merchant", "service"},
    "PUT /v1/merchants/{merchant_id}/payout-account": FINANCE | {"merchant"},
    "PUT /v1/merchants/{merchant_id}/payout-account/verification": FINANCE,
    "GET /v1/merchants/{merchant_id}/payout-account/details": FINANCE,
    "GET /v1/merchants/{merchant_id}/payout-schedule": FINANCE | {"merchant", "service"},
    "PUT /v1/merchants/{merchant_id}/payout-schedule": FINANCE,
    "GET /v1/disputes": FINANCE | {"service", "processor"},
    "GET /v1/disputes/": FINANCE | {"service", "processor"},
    "POST /v1/disputes/": FINANCE,
    "GET /v1/settlements/": FINANCE | {"service", "processor"},
    "POST /v1/settlements/": FINANCE,
    "GET /v1/payment-partners/": ADMINS,
    "GET /v1/payment-partners/{provider}/payments": FINANCE | {"service", "processor"},
    "PUT /v1/payment-partners/": ADMINS,
    "GET /v1/products": ANYONE,
    "GET /v1/categories": ANYONE,
    "GET /v1/carts/": SHOPPERS,
    "POST /v1/carts": SHOPPERS,
    "PUT /v1/carts/": SHOPPERS,
    "PATCH /v1/carts/": SHOPPERS,
    "DELETE /v1/carts/": SHOPPERS,
    "POST /v1/carts/{cart_id}/claim": frozenset(("customer",)),
    "GET /": ANYONE,
    "GET /c": ANYONE,
    "GET /search": ANYONE,
    "GET /search/suggest": ANYONE,
    "GET /v1/search": ANYONE,
    "GET /v1/search/suggest": ANYONE,
    "GET /v1/search/": SHOPKEEPERS,
    "PUT /v1/search/": SHOPKEEPERS,
    "GET /c/": ANYONE,
    "GET /p/": ANYONE,
    "GET /cart": ANYONE,
    "GET /cart/": ANYONE,
    "POST /cart/": ANYONE,
    "POST /preferences": ANYONE,
    "GET /{page}": ANYONE,
    "GET /.well-known/": ANYONE,
    "GET /oauth/jwks.json": ANYONE,
    "GET /oauth/userinfo": PEOPLE,
    "POST /oauth/userinfo": PEOPLE,
    "OPTIONS /oauth/userinfo": ANYONE,
    "GET /v1/identity/me": PEOPLE,
    "PATCH /v1/identity/me": PEOPLE,
    "DELETE /v1/identity/me": PEOPLE,
    "GET /v1/identity/me/": PEOPLE,
    "POST /v1/identity/me/": PEOPLE,
    "PUT /v1/identity/me/": PEOPLE,
    "DELETE /v1/identity/me/": PEOPLE,
    "GET /v1/identity/api-keys": PEOPLE,
    "POST /v1/identity/api-keys": PEOPLE,
    "DELETE /v1/identity/api-keys/": PEOPLE,
    "POST /v1/identity/api-keys/": PEOPLE,
    "GET /v1/identity/merchants": frozenset(("merchant",)),
    "POST /v1/identity/merchants": PEOPLE,
    "GET /v1/identity/merchants/": frozenset(("merchant",)),
    "POST /v1/identity/merchants/": frozenset(("merchant",)),
    "PUT /v1/identity/merchants/": frozenset(("merchant",)),
    "PATCH /v1/identity/merchants/": frozenset(("merchant",)),
    "DELETE /v1/identity/merchants/": frozenset(("merchant",)),
    "GET /v1/identity/clients": ADMINS,
    "POST /v1/identity/clients": ADMINS,
    "GET /v1/identity/clients/": ADMINS,
    "DELETE /v1/identity/clients/": ADMINS,
    "GET /v1/identity/audit": ADMINS,
    "GET /v1/identity/admin/": ADMINS,
    "PUT /v1/identity/admin/": ADMINS,
    "DELETE /v1/identity/admin/": ADMINS,
}
#: Pages and endpoints that anyone may ask for and that decide by the browser's session or the client's own credentials;
#: tests/web and tests/identity/oauth try them.
DECIDED_INSIDE = (
    "/account", "/login", "/logout", "/register", "/recover", "/verify", "/invitation", "/oauth/authorize", "/oauth/consent",
    "/oauth/refused",
    "/oauth/end_session", "/oauth/introspect", "/oauth/par", "/oauth/revoke", "/oauth/token",
)  # fmt: skip
#: Only these lines stand for every path that begins with them; the others are whole paths.
_PREFIXES = (
    *(line for line in EXPECTED if line.endswith("/") and line != "GET /"),
    "GET /openapi", "GET /docs", "GET /v1/products", "GET /v1/categories",
    "POST /v1/carts", "GET /v1/carts/", "PUT /v1/carts/", "PATCH /v1/carts/", "DELETE /v1/carts/",
)  # fmt: skip


class _Contract:
    """Stands for every contract: whoever reaches it was let in."""

    def __getattr__(self, name: str) -> Any:
        async def reached(*_: Any, **__: Any) -> Any:
            raise NotFound("reached")

        return reached


KEY = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)


def _nobody() -> Authenticator:
    return Authenticator(TokenVerifier(KeySet([KEY]), issuer="renga", clock=SystemClock()))


class _Offered(_Contract):
    """Stands for what a module offers: contracts, each reached by whoever was let in."""

    providers = ()
    external_logins = None

    def __getattr__(self, name: str) -> Any:
        return _Server() if name == "server" else _Contract()


class _Server(_Contract):
    """The authorization server: its endpoints are contracts, too."""

    issuer = "http://shop.test"


def _api() -> Application:
    opened = {module.name: Opened(contract=_Contract()) for module in MODULES if module.name != "bff"}
    opened |= {"identity": Opened(contract=_Offered()), "catalog": Opened(contract=_Offered())}
    anything: Any = _Contract()
    gate = Gate(_nobody(), rate_classes=DECLARED.rate_classes)
    return make_api(opened, gate=gate, sessions=anything, library=anything)


MADE = _api()
API, OPERATIONS = MADE.app, MADE.operations


def _routes() -> list[tuple[str, str, Access]]:
    """Method, path and access of every route of the application: Litestar's and the lean ones."""
    found = [
        (method, path, declared(handler, method)[0]) for path, method, handler in handlers_of(API) if method != "*"
    ]
    found += [(operation.method, operation.path, operation.access) for operation in OPERATIONS]
    return sorted(found, key=lambda route: route[:2])


ROUTES = _routes()
AT_THE_GATE = [route for route in ROUTES if not route[1].startswith(DECIDED_INSIDE)]


def _expected(method: str, path: str) -> frozenset[str]:
    line = f"{method} {path}"
    if line in EXPECTED:
        return EXPECTED[line]
    fitting = [prefix for prefix in _PREFIXES if line.startswith(prefix)]
    assert fitting, f"{line} is not in the table: say who may call it"
    return EXPECTED[max(fitting, key=len)]


def test_every_route_declares_its_access_and_its_class() -> None:
    for path, method, handler in handlers_of(API):
        access, route_class = declared(handler, "GET" if method == "*" else method)
        assert access.objects, f"{method} {path} does not say whose objects it reaches"
        assert route_class in CLASSES
    for operation in OPERATIONS:
        assert operation.access.objects
        assert operation.rate in CLASSES


def test_no_mount_passes_the_gate_by_itself_in_this_application() -> None:
    assert [path for path, method, _ in handlers_of(API) if method == "*"] == []


def test_what_is_in_the_table_of_lean_operations_is_no_route_of_the_framework_too() -> None:
    routes = {(method, path) for path, method, _ in handlers_of(API)}
    assert routes.isdisjoint((one.method, one.path) for one in OPERATIONS)


def test_whatever_answers_are_kept_for_all_is_public() -> None:
    def reached(path: str) -> str:
        return re.sub(r"{[^}]*}", "x", path)

    reads = [(path, access) for method, path, access in ROUTES if method == "GET"]
    for kept in MADE.cached:
        at_or_below = [
            path for path, _ in reads if path == kept or (kept[-1] == "/" and reached(path).startswith(kept))
        ]
        assert at_or_below, f"{kept} is no route"
    nothing_kept: Any = _Contract()
    cache = AnswerCache(MADE.lean, Gate(_nobody()), nothing_kept, MADE.cached)
    assert {path for path, access in reads if cache.keeps(reached(path)) and access != PUBLIC} == set()


def test_every_scope_that_a_route_demands_exists() -> None:
    for _, _, access in ROUTES:
        assert set(access.scopes) | set(access.instead) <= set(DECLARED.scopes)


def test_an_application_with_a_route_that_declares_nothing_does_not_start() -> None:
    @get("/forgotten")
    async def forgotten() -> str:
        return ""

    app = Litestar(route_handlers=[forgotten], openapi_config=None, logging_config=None)
    with pytest.raises(SettingsInvalid, match="GET /forgotten"):
        check_declared(app, Gate(_nobody()))


def test_an_application_with_a_route_beside_the_gate_does_not_start() -> None:
    @get("/beside", opt={"access": PUBLIC})
    async def beside() -> str:
        return ""

    @get("/behind", opt={"access": PUBLIC})
    async def behind() -> str:
        return ""

    gate = Gate(_nobody())
    app = Litestar(route_handlers=[gate.behind([behind])], openapi_config=None, logging_config=None)
    check_declared(app, gate)
    app = Litestar(route_handlers=[gate.behind([behind]), beside], openapi_config=None, logging_config=None)
    with pytest.raises(SettingsInvalid, match="GET /beside does not stand behind the gate"):
        check_declared(app, gate)


def test_what_decides_inside_is_open_to_all_at_the_gate() -> None:
    for method, path, access in ROUTES:
        if path.startswith(DECIDED_INSIDE):
            assert access.guest or access.own_client, f"{method} {path}"
            assert access.scopes == (), f"{method} {path}"


@pytest.mark.stand_ins
@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(
    ("method", "path"), [route[:2] for route in AT_THE_GATE], ids=[f"{m} {p}" for m, p, _ in AT_THE_GATE]
)
async def test_a_route_lets_in_whom_the_table_names(method: str, path: str, caller: str) -> None:
    headers = {}
    if caller != "guest":
        scope = " ".join(DECLARED.grants[caller])
        token = sign(KEY, subject="someone", scope=scope, issuer="renga", life_s=60, clock=SystemClock(), token_id="t")
        headers["Authorization"] = f"Bearer {token}"
    transport = httpx.ASGITransport(app=make_edge(MADE, PlatformSettings()))  # type: ignore[arg-type]  # an ASGI app like any
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        answer = await client.request(method, path.replace("{", "").replace("}", ""), headers=headers)
    # who is let in may still be asked to come with the shop's own client: that is the use case's answer, not the gate's
    let_in = answer.status_code not in (401, 403) or answer.json()["code"] == "first_party_only"
    assert let_in == (caller in _expected(method, path)), answer.text
    if not let_in:
        assert answer.status_code == (401 if caller == "guest" else 403)
        assert "www-authenticate" in answer.headers
