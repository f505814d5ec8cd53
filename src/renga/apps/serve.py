"""Serve the shop over HTTP: one uvicorn worker, which drains open requests when stopped."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
import uvicorn
from litestar.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from renga.apps.app import make_api, make_edge, verifier_of
from renga.apps.compose import Process, open_process
from renga.apps.port import PortTaken, said_of
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.issuers import SeveralIssuers
from renga.platform.http.answers import AnswerCache, CachedAnswer, size_of
from renga.platform.http.gate import Gate
from renga.platform.http.lean_protocol import lean_protocol_of
from renga.platform.http.server_settings import HttpSettings
from renga.platform.ratelimit.rates import RateLimitSettings
from renga.platform.ratelimit.redis import ATTEMPT_TIMEOUT_S, DEADLINE_S, RedisRateLimiter
from renga.platform.running import settle_memory
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings

log = structlog.get_logger(__name__)

#: The listen backlog: connections that wait to be accepted.
BACKLOG = 2048
#: How often the ``Date`` header is set: its unit is the second.
TICK_S = 1.0


async def serve(settings: Sections, on_ready: Callable[[], Awaitable[None]] | None = None) -> None:
    """Serve until SIGINT, SIGTERM or cancellation; open requests get ``drain_s`` seconds. Raises PortTaken."""
    platform = settings[PlatformSettings]
    async with open_process(settings) as process:
        resources, gate = process.resources, gate_of(process)
        api = make_api(
            process.opened,
            gate=gate,
            settings=settings,
            checks=process.checks(),
            sessions=resources.sessions,
            library=resources.media,
            modules=process.modules,
        )
        answers = resources.cache("answers", CachedAnswer, size_of=size_of)
        kept = None if answers is None else AnswerCache(api.lean, gate, answers, api.cached)
        edge = make_edge(api, platform, kept=kept)
        protocol = lean_protocol_of(edge, settings[HttpSettings], settings[RateLimitSettings].trusted_proxies)
        server = _UvicornServer(server_config(edge, platform, protocol))
        followers = [asyncio.create_task(follower) for follower in process.followers()]
        try:
            await server.run(on_ready)
        finally:
            for follower in followers:
                follower.cancel()
            await asyncio.gather(*followers, return_exceptions=True)
            await gate.close()


def gate_of(process: Process) -> Gate:
    """The gate of this process, with the shop's credentials, sessions and rate limiter."""
    resources, platform = process.resources, process.resources.platform
    local, credentials = verifier_of(platform), process.credentials
    tokens = SeveralIssuers(credentials.verifier if credentials else local, {platform.token_issuer: local})
    authenticator = Authenticator(
        tokens,
        public_url=resources.public_url,
        check_fresh=tokens.check_fresh,
        check_dpop=credentials.verifier.check_dpop if credentials else None,
        check_key=credentials.check_key if credentials else None,
        known_key=credentials.known_key if credentials else None,
        sessions=resources.sessions if credentials else None,
        rights_of=credentials.rights_of if credentials else None,
        merchants_of=credentials.merchants_of if credentials else None,
    )
    redis = resources.redis.within(attempt_timeout_s=ATTEMPT_TIMEOUT_S, deadline_s=DEADLINE_S)
    return Gate(
        authenticator,
        limiter=RedisRateLimiter(redis),
        settings=resources.settings[RateLimitSettings],
        rate_classes=process.declared.rate_classes,
        public_url=resources.public_url,
    )


def server_config(
    app: ASGIApp, platform: PlatformSettings, protocol: type[HttpToolsProtocol] = HttpToolsProtocol
) -> uvicorn.Config:
    """How uvicorn serves the shop: one worker on the running loop."""
    return uvicorn.Config(
        app,
        host=platform.host,
        port=platform.port,
        loop="none",
        http=protocol,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=max(1, int(platform.drain_s)),
    )


class _UvicornServer(uvicorn.Server):
    """uvicorn's server without its signal handling: the caller of ``serve`` cancels it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._leaving = asyncio.Event()

    async def main_loop(self) -> None:
        """As uvicorn's, which looks ten times a second whether it should exit; here that is said. A tick sets the date."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._leaving.wait()

    async def run(self, on_ready: Callable[[], Awaitable[None]] | None) -> None:  # type: ignore[override] # async on purpose
        serving = asyncio.create_task(self._serve_or_say())
        try:
            while not self.started and not serving.done():  # noqa: ASYNC110 # uvicorn only sets a flag
                await asyncio.sleep(0.01)
            settle_memory()
            if on_ready is not None and not serving.done():
                await on_ready()
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self.should_exit = True
            self._leaving.set()
            await serving
            raise

    async def _serve_or_say(self) -> None:
        try:
            await self.serve()
        except SystemExit:
            # uvicorn's only sign that it could not bind
            raise PortTaken(said_of(self.config.host, self.config.port, "it cannot be bound")) from None

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def] # uvicorn's own signature is untyped here
        yield
