"""Stripe for the contract suite: on our own double of its API, and on localstripe, a server of others."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlencode

import httpx

from renga.domains.payments.ports.provider import ProviderRecord
from renga.domains.payments.providers.stripe.adapter import StripeProvider
from renga.kernel.clock import ManualClock, SystemClock, rfc3339
from tests.engines.registry import Registry
from tests.payments import stripe_double
from tests.payments.stripe_double import StripeDouble
from tests.ports.payment_lab import NOON_MS, SECRET, ProviderLab
from tests.ports.payment_link import Link


@asynccontextmanager
async def stripe_on_the_double(
    engines: Registry, test: str, *, multicapture: bool = False
) -> AsyncIterator[ProviderLab]:
    clock = ManualClock(NOON_MS)
    double = StripeDouble(lambda: clock.now_ms() // 1000, multicapture=multicapture)
    link = Link(double)
    provider = StripeProvider(
        "sk_test_double",
        webhook_secret=SECRET,
        clock=clock,
        url="https://api.stripe.test",
        multicapture=multicapture,
        client=httpx.AsyncClient(transport=link),
    )

    async def passes(record: ProviderRecord) -> None:
        double.authorised(double.objects[record.ref])

    async def message(ref: str) -> bytes:
        about = [
            one
            for one in double.events
            if ref in (one["data"]["object"]["id"], one["data"]["object"].get("payment_intent"))
        ]
        return stripe_double.body_of(about[-1])

    async def dispute(ref: str, amount: int) -> Callable[[str], Awaitable[None]]:
        made = double.movements.dispute(ref, amount)

        async def close(status: str) -> None:
            double.movements.close_dispute(made, status)

        return close

    async def pay_out() -> str:
        double.movements.pay_out(double.now_s())
        return rfc3339(clock.now_ms())[:10]

    lab = ProviderLab(
        provider=provider,
        link=link,
        clock=clock,
        pay_out=pay_out,
        method="card",
        message=message,
        sign=stripe_double.signature,
        tokens={
            "approved": stripe_double.APPROVED,
            "declined": stripe_double.DECLINED,
            "poor": stripe_double.POOR,
            "challenge": stripe_double.CHALLENGE,
        },
        passes=passes,
        dispute=dispute,
    )
    yield lab
    await provider.close()


@asynccontextmanager
async def stripe_with_many_captures(engines: Registry, test: str) -> AsyncIterator[ProviderLab]:
    async with stripe_on_the_double(engines, test, multicapture=True) as lab:
        yield lab


#: What localstripe 1.15 does otherwise than Stripe, or not at all.
LACKS = {
    "keys": "localstripe ignores idempotency keys",
    "capture keys": "localstripe takes no metadata with a capture",
    "card summary": "localstripe tells nothing of the card of a charge",
    "partial capture": "localstripe shows what a partial capture releases as a refund",
    "final void": "localstripe captures what was cancelled",
    "insufficient_funds": "localstripe has no card without funds",
    "challenge": "localstripe has challenges for Stripe's script only, none with an address",
    "saved": "localstripe refuses setup_future_usage",
    "disputes": "localstripe has no disputes",
    "refund limits": "localstripe refunds more than was captured",
    "settlement": "localstripe has no payouts to settle",
    "news": "localstripe tells of captures, not of refunds",
    "time": "localstripe has the machine's clock",
}
#: It says "Bad request" without a code and without the parameter.
REASONS = {"token": "provider_error", "capture above": "provider_error"}
LOCAL_KEY = "sk_test_local"


class Dialect(httpx.AsyncBaseTransport):
    """Leaves out what localstripe refuses because it does not know it: parameters, and filters of lists by time."""

    unknown = frozenset({"return_url", "error_on_requires_action"})

    def __init__(self, way: httpx.AsyncBaseTransport) -> None:
        self._way = way

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url, sent = request.url, (await request.aread()).decode()
        if request.method == "GET":
            url = url.copy_with(query=self._known(url.query.decode(), ("created",)).encode())
        unknown = ("metadata",) if url.path.endswith("/capture") else ()
        body = self._known(sent, unknown).encode()
        headers = {name: value for name, value in request.headers.items() if name != "content-length"}
        return await self._way.handle_async_request(httpx.Request(request.method, url, headers=headers, content=body))

    async def aclose(self) -> None:
        await self._way.aclose()

    def _known(self, form: str, further: tuple[str, ...]) -> str:
        unknown = self.unknown | set(further)
        return urlencode([(name, value) for name, value in parse_qsl(form) if name.split("[")[0] not in unknown])


@asynccontextmanager
async def stripe_on_localstripe(engines: Registry, test: str) -> AsyncIterator[ProviderLab]:
    server = engines.shared("localstripe", test)
    link = Link(Dialect(httpx.AsyncHTTPTransport(verify=False)))  # plain HTTP: certificates would only cost time
    clock = SystemClock()
    headers = {"authorization": f"Bearer {LOCAL_KEY}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, verify=False) as direct:
        await direct.delete("/_config/data")

        async def message(ref: str) -> bytes:
            listed = await direct.get("/v1/events", params={"limit": 1_000})
            events = [one for one in listed.json()["data"] if one["data"]["object"].get("id") == ref]
            return json.dumps(events[-1]).encode()

        provider = StripeProvider(
            LOCAL_KEY, webhook_secret=SECRET, clock=clock, url=server.url, client=httpx.AsyncClient(transport=link)
        )
        yield ProviderLab(
            provider=provider,
            link=link,
            clock=clock,
            method="card",
            message=message,
            sign=stripe_double.signature,
            tokens={"approved": "pm_card_visa", "declined": "pm_card_chargeCustomerFail"},
            lacks=LACKS,
            reasons=REASONS,
        )
        await provider.close()
