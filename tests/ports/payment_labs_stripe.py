"""Stripe for the contract suite: on our own double of its API."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx

from renga.domains.payments.ports.provider import ProviderRecord
from renga.domains.payments.providers.stripe.adapter import StripeProvider
from renga.kernel.clock import ManualClock, rfc3339
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
