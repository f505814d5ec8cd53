"""``/healthz`` (the process is up), ``/readyz`` (its engines answer), ``/metrics`` (Prometheus)."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from renga.kernel.errors import RengaError, Unauthenticated
from renga.platform.auth.access import PUBLIC, Access, InsufficientScope, check
from renga.platform.auth.principal import Principal
from renga.platform.http.gate import OPEN
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.problems import problems
from renga.platform.http.requests import AnyRequest
from renga.platform.ratelimit.classes import UNLIMITED
from renga.platform.settings import MetricsReaders

#: Tag of the operations that describe and monitor the process.
TAGS = ["operations"]
CHECK_TIMEOUT_S = 2.0
#: Who reads metrics where not everybody may.
METRICS = Access(scopes=("metrics:read",), guest=True, objects="the shop's; guests: from its own machine")
#: What a proxy adds to a request that it passes on.
_FORWARDING = frozenset((b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via"))
#: The framework adds the charset itself.
_PROMETHEUS = CONTENT_TYPE_LATEST.replace("; charset=utf-8", "")

#: A check returns if its engine answers, else raises.
Check = Callable[[], Awaitable[None]]


class Health(msgspec.Struct):
    """``status`` is ok or unready; ``engines`` has for each engine ``ok`` or what is wrong."""

    status: str
    engines: dict[str, str] = {}


_ALIVE = msgspec.json.encode(Health(status="ok"))


def operations() -> list[Operation]:
    """``/healthz``, which probes ask often and at any load: a lean operation."""

    async def healthz(call: Call) -> Answer:
        return Answer(200, _ALIVE)

    return [
        Operation(
            method="GET",
            path="/healthz",
            handler=healthz,
            access=PUBLIC,
            rate=UNLIMITED,
            id="checkLiveness",
            summary="Is the process alive?",
            tag=TAGS[0],
            answer=Health,
            any_query=True,
        )
    ]


def routes(checks: Mapping[str, Check], *, metrics: MetricsReaders = "local") -> list[Any]:
    """``/readyz`` and ``/metrics``; ``metrics`` says who may read them.

    A draining process accepts no connections, so it needs no status of its own.
    """

    @get(
        "/readyz",
        operation_id="checkReadiness",
        summary="Do the engines answer?",
        tags=TAGS,
        opt=OPEN,
        responses={
            503: ResponseSpec(Health, description="An engine does not answer.", generate_examples=False),
        },
    )
    async def readyz() -> Response[Health]:
        results = dict(zip(checks, await asyncio.gather(*(_run(check) for check in checks.values())), strict=True))
        ready = all(result == "ok" for result in results.values())
        health = Health(status="ok" if ready else "unready", engines=results)
        return Response(health, status_code=200 if ready else 503)

    @get(
        "/metrics",
        media_type=_PROMETHEUS,
        operation_id="readMetrics",
        summary="Metrics for Prometheus",
        description=(
            "By default for programs on the shop's own machine, and for tokens with `metrics:read`; the setting `metrics` "
            "says otherwise. What comes through a proxy is not from this machine."
        ),
        tags=TAGS,
        opt={"access": PUBLIC if metrics == "everyone" else METRICS, "rate": UNLIMITED},
        responses=problems(Unauthenticated, InsufficientScope),
    )
    async def read_metrics(request: AnyRequest) -> Response[bytes]:
        if metrics != "everyone" and not (metrics == "local" and is_local(request.scope)):
            principal = request.scope.get("renga_principal")
            check(
                msgspec.structs.replace(METRICS, guest=False), principal if isinstance(principal, Principal) else None
            )
        return Response(generate_latest(), media_type=_PROMETHEUS)

    return [readyz, read_metrics]


def is_local(scope: Any) -> bool:
    """Does a program on this machine ask, and no proxy for somebody else?"""
    peer = scope.get("client")
    address = scope.get("renga_client", peer[0] if peer else "")
    if any(name in _FORWARDING for name, _ in scope["headers"]):
        return False
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


async def _run(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check()
    except RengaError as error:
        return error.detail
    except TimeoutError:
        return f"no answer within {CHECK_TIMEOUT_S:.0f} s"
    return "ok"
