"""The web application: the domains' contracts over HTTP, behind the edge. It opens nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joserfc.jwk import KeySet
from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.openapi import OpenAPIConfig
from litestar.types import ASGIApp

from renga import __version__
from renga.domains.cart import http as cart_http
from renga.domains.cart.contract import Carts
from renga.domains.catalog import http as catalog_http
from renga.domains.catalog.contract import Catalog
from renga.domains.catalog.rest import api as merchant_api
from renga.domains.catalog.rest.api import ManagedCatalog
from renga.domains.identity import http as identity_http
from renga.domains.identity.contract import Account
from renga.domains.identity.external import http as external_http
from renga.domains.identity.external.http import LOGIN_PATH
from renga.domains.identity.model.roles import grantable
from renga.domains.identity.oauth import http as oauth_http
from renga.domains.identity.wiring import IdentityRooms
from renga.domains.search import http as search_http
from renga.domains.search.local import LocalSearch
from renga.frontends.bff.graphql import mount as graphql_mount
from renga.frontends.bff.graphql.service import GraphQL
from renga.frontends.web import storefront
from renga.frontends.web.identity_pages import IdentityPages, LogIn, Provider
from renga.kernel.caller import Caller
from renga.kernel.clock import SystemClock
from renga.platform.auth.signing import local_key
from renga.platform.auth.tokens import TokenVerifier, read_keys
from renga.platform.http import docs, health, lean, media, problem_pages
from renga.platform.http.edge import Edge
from renga.platform.http.gate import OPEN, Gate, check_declared
from renga.platform.http.lean import Operation
from renga.platform.http.openapi import extend
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.media import http as media_http
from renga.platform.media.library import MediaLibrary
from renga.platform.settings import PlatformSettings, public_url


def verifier_of(platform: PlatformSettings) -> TokenVerifier:
    """Checks access tokens with the configured key set, or with this data folder's own key."""
    keys = read_keys(Path(platform.jwks)) if platform.jwks else KeySet([local_key(Path(platform.data))])
    return TokenVerifier(keys, issuer=platform.token_issuer, clock=SystemClock())


def make_api(
    platform: PlatformSettings,
    *,
    catalog: Catalog,
    carts: Carts,
    gate: Gate,
    checks: Mapping[str, health.Check],
    identity: IdentityRooms | None = None,
    graphql: GraphQL | None = None,
    managed: ManagedCatalog | None = None,
    library: MediaLibrary | None = None,
    search: LocalSearch | None = None,
) -> tuple[Litestar, list[Operation]]:
    """The web application over the contracts; it opens nothing. Every route stands behind the gate.

    Without ``identity`` the shop has no accounts and no authorization server, without ``graphql`` it answers none, without
    ``managed`` and ``library`` nobody manages its catalogue over HTTP, without ``search`` shelves are as the
    catalogue has them.
    """
    operations = [*cart_http.operations(carts), *catalog_http.operations(catalog)]
    documents: list[dict[str, Any]] = []

    def document() -> dict[str, Any]:
        if not documents:
            documents.append(extend(app, operations))
        return documents[0]

    app = Litestar(
        route_handlers=[
            *(
                lean.mount(prefix, operations, body_max_bytes=platform.body_max_bytes, gate=gate)
                for prefix in ("/v1/carts", *catalog_http.PREFIXES)
            ),
            *_graphql_routes(graphql, platform, gate),
            gate.behind(
                [
                    *storefront.routes(
                        catalog, carts, settings=platform, identity=_pages(carts, identity), search=search
                    ),
                    *_search_routes(search, catalog),
                    *_identity_routes(identity),
                    *_merchant_routes(managed, library, platform),
                    *media.routes("/media/demo", "renga.domains.catalog", "demo/pictures"),
                    *health.routes(checks),
                    *docs.routes(document),
                    *problem_pages.routes(),
                ]
            ),
        ],
        exception_handlers=EXCEPTION_HANDLERS,
        cors_config=_cors(platform),
        openapi_config=OpenAPIConfig(
            title="Renga",
            version=__version__,
            description="Headless commerce. Errors are problem details (RFC 9457) with a stable code; money is in minor units.",
            openapi_router=Router(
                "/openapi", route_handlers=[], opt=OPEN, guards=[gate.guard], include_in_schema=False
            ),
            render_plugins=[],
        ),
        request_max_body_size=platform.body_max_bytes,
        logging_config=None,
    )
    check_declared(app, gate)
    return app, operations


def _graphql_routes(graphql: GraphQL | None, platform: PlatformSettings, gate: Gate) -> list[Any]:
    if graphql is None:
        return []
    return [graphql_mount.mount(graphql, gate=gate, body_max_bytes=platform.body_max_bytes)]


def _search_routes(search: LocalSearch | None, catalog: Catalog) -> list[Any]:
    return [] if search is None else search_http.routes(search, search, catalog, SystemClock())


def _merchant_routes(
    managed: ManagedCatalog | None, library: MediaLibrary | None, platform: PlatformSettings
) -> list[Any]:
    if managed is None or library is None:
        return []
    return [*merchant_api.routes(managed, library, shop_url=public_url(platform)), *media_http.routes(library)]


def _identity_routes(identity: IdentityRooms | None) -> list[Any]:
    if identity is None:
        return []
    return [
        *oauth_http.routes(identity.server),
        *identity_http.routes(
            accounts=identity.accounts,
            organisations=identity.merchants,
            keys=identity.api_keys,
            oauth_clients=identity.clients,
            audit=identity.audit,
            administration=identity.administration,
            sessions=identity.sessions,
        ),
    ]


def _pages(carts: Carts, identity: IdentityRooms | None) -> IdentityPages | None:
    if identity is None:
        return None
    logins = identity.external

    async def take_over(cart_id: str | None, account_id: str) -> str | None:
        return (await carts.take_over(Caller(account_id), cart_id)).cart_id

    def external(log_in: LogIn) -> list[Any]:
        assert logins is not None
        secure = identity.server.issuer.startswith("https://")
        return [*external_http.routes(logins, log_in, secure=secure, confirm_path="/account/link", login_path="/login")]

    def key_scopes(account: Account) -> list[str]:
        return sorted(grantable(account.stakeholders, None, for_merchant=False))

    return IdentityPages(
        accounts=identity.accounts,
        clients=identity.clients,
        api_keys=identity.api_keys,
        merchants=identity.merchants,
        sessions=identity.sessions,
        take_over=take_over,
        key_scopes=key_scopes,
        consents=identity.server.consents,
        providers=tuple(
            Provider(name=one.name, start=f"{LOGIN_PATH}/{key}") for key, one in identity.providers.items()
        ),
        external=None if logins is None else external,
    )


def openapi_document(app: Litestar, operations: list[Operation]) -> dict[str, Any]:
    """What ``/openapi.json`` answers."""
    return extend(app, operations)


def _cors(platform: PlatformSettings) -> CORSConfig | None:
    if not platform.cors_origins:
        return None
    exposed = ["ETag", "Location", "Idempotency-Replayed", "Preference-Applied", "Retry-After", "X-Request-Id",
               "RateLimit", "RateLimit-Policy", "WWW-Authenticate"]  # fmt: skip
    return CORSConfig(
        allow_origins=list(platform.cors_origins),
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "If-None-Match",
            "Prefer",
            "X-API-Key",
            "DPoP",
        ],
        expose_headers=exposed,
        max_age=600,
    )


def make_edge(app: ASGIApp, platform: PlatformSettings) -> Edge:
    """The application behind its edge."""
    https = platform.public_url.startswith("https://")
    if not platform.otlp_endpoint:
        return Edge(app, https=https)
    # imported here because the SDK costs memory that a shop without traces need not pay
    from renga.platform.telemetry.traces import finish, open_traces

    return Edge(app, https=https, traces=open_traces(platform.otlp_endpoint), finish_span=finish)
