"""Serve the shop over HTTP: one uvicorn worker on the rooms of ``app``, drained when it is told to stop."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
import uvicorn
from litestar.types import ASGIApp

from renga.apps.app import make_api, make_edge, verifier_of
from renga.apps.compose import Shop, open_shop
from renga.apps.settings import Settings
from renga.domains.identity.model.roles import scopes_of
from renga.frontends.bff.caches import Caches
from renga.frontends.bff.following import follow_news
from renga.frontends.bff.graphql.service import GraphQL
from renga.frontends.bff.wiring import make_graphql
from renga.kernel.clock import SystemClock
from renga.kernel.errors import Conflict
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.issuers import SeveralIssuers
from renga.platform.http.answers import AnswerCache
from renga.platform.http.gate import Gate
from renga.platform.running import settle_memory
from renga.platform.settings import PlatformSettings, public_url

log = structlog.get_logger(__name__)

#: Connections that wait to be accepted.
BACKLOG = 2048
#: REST reads whose whole answers are kept.
CACHED_PATHS = ("/v1/products", "/v1/products/", "/v1/categories", "/v1/search", "/v1/search/suggest")


class PortTaken(Conflict):
    code = "port_taken"
    title = "The port is taken"


async def serve(settings: Settings, on_ready: Callable[[], Awaitable[None]] | None = None) -> None:
    """Serve until SIGINT, SIGTERM or cancellation; open requests get ``drain_s`` seconds. Raises PortTaken."""
    platform = settings.platform
    async with open_shop(settings) as shop:
        gate = gate_of(settings, shop)
        caches = Caches(settings.cache, SystemClock(), shop.redis) if settings.cache.enabled else None
        told = () if caches is None or shop.shelves is None else (shop.shelves.cache, caches.answers, caches.graph)
        app, _ = make_api(
            platform,
            catalog=shop.shelves or shop.catalog,
            carts=shop.cart.carts,
            gate=gate,
            checks=shop.checks(),
            identity=shop.identity,
            graphql=graphql_of(settings, shop, caches),
            managed=shop.catalog,
            library=shop.media,
            search=shop.search.search,
        )
        served = app if caches is None else AnswerCache(app, gate, caches.answers, CACHED_PATHS)
        server = _Server(server_config(make_edge(served, platform), platform))
        following = [follow_news(shop.bus, told)] if told else []
        followers = [asyncio.create_task(follower) for follower in (*shop.followers(), *following)]
        try:
            await server.run(on_ready)
        finally:
            for follower in followers:
                follower.cancel()
            await asyncio.gather(*followers, return_exceptions=True)
            await gate.close()
            for cache in told:
                await cache.close()


def graphql_of(settings: Settings, shop: Shop, caches: Caches | None) -> GraphQL:
    """GraphQL over the shop's rooms; queries that clients persist are known to every process."""
    return make_graphql(
        settings.graphql,
        catalog=shop.shelves or shop.catalog,
        carts=shop.cart.carts,
        search=shop.search.search,
        clock=SystemClock(),
        redis=shop.redis,
        cache=None if caches is None else caches.graph,
    )


def gate_of(settings: Settings, shop: Shop) -> Gate:
    """The gate of this process, on the shop's proofs, sessions and limiter."""
    identity, url = shop.identity, public_url(settings.platform)
    tokens = SeveralIssuers(identity.verifier, {settings.platform.token_issuer: verifier_of(settings.platform)})
    authenticator = Authenticator(
        tokens,
        public_url=url,
        check_fresh=tokens.check_fresh,
        check_dpop=identity.verifier.check_dpop,
        check_key=identity.api_keys.check,
        known_key=identity.api_keys.known,
        sessions=shop.sessions,
        scopes_of=scopes_of,
        merchants_of=identity.merchants_of,
    )
    return Gate(authenticator, limiter=shop.limiter, settings=settings.ratelimit, public_url=url)


def server_config(app: ASGIApp, platform: PlatformSettings) -> uvicorn.Config:
    """How uvicorn serves the shop: one worker on the running loop."""
    return uvicorn.Config(
        app,
        host=platform.host,
        port=platform.port,
        loop="none",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=max(1, int(platform.drain_s)),
    )


class _Server(uvicorn.Server):
    """uvicorn's server without its own signal handling: whoever runs ``serve`` cancels it."""

    async def run(self, on_ready: Callable[[], Awaitable[None]] | None) -> None:  # type: ignore[override] # async on purpose
        serving = asyncio.create_task(self._serve_or_say())
        try:
            while not self.started and not serving.done():  # noqa: ASYNC110 # uvicorn tells it by a flag only
                await asyncio.sleep(0.01)
            settle_memory()
            if on_ready is not None and not serving.done():
                await on_ready()
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self.should_exit = True
            await serving
            raise

    async def _serve_or_say(self) -> None:
        try:
            await self.serve()
        except SystemExit:
            # uvicorn has no other way to say that it could not bind
            where = f"{self.config.host}:{self.config.port}"
            raise PortTaken(f"cannot listen on {where}: is it taken? choose another with --port") from None

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def] # uvicorn's own signature is untyped here
        yield
