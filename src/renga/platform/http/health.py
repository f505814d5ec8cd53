"""``/healthz`` (the process is up), ``/readyz`` (its engines answer), ``/metrics`` (Prometheus)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from renga.kernel.errors import RengaError
from renga.platform.http.gate import OPEN

#: Tag of the operations that describe and monitor the process.
TAGS = ["operations"]
CHECK_TIMEOUT_S = 2.0

#: A check returns if its engine answers, else raises.
Check = Callable[[], Awaitable[None]]


class Health(msgspec.Struct):
    """``status`` is ok or unready; ``engines`` has for each engine ``ok`` or what is wrong."""

    status: str
    engines: dict[str, str] = {}


def routes(checks: Mapping[str, Check]) -> list[Any]:
    """The three endpoints. A draining process accepts no connections, so it needs no status of its own."""

    @get(
        "/healthz",
        operation_id="checkLiveness",
        summary="Is the process alive?",
        tags=TAGS,
        cache_control=None,
        opt=OPEN,
    )
    async def healthz() -> Health:
        return Health(status="ok")

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
        media_type=CONTENT_TYPE_LATEST,
        operation_id="readMetrics",
        summary="Metrics for Prometheus",
        tags=TAGS,
        opt=OPEN,
    )
    async def metrics() -> bytes:
        return generate_latest()

    return [healthz, readyz, metrics]


async def _run(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check()
    except RengaError as error:
        return error.detail
    except TimeoutError:
        return f"no answer within {CHECK_TIMEOUT_S:.0f} s"
    return "ok"
