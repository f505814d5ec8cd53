"""Every payment provider of this machine behind one interface, for the suite that each one passes.

To put a provider under the suite, write a function that opens a ``ProviderLab`` and add it to ``OPENERS``.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from renga.domains.payments.contract.payments import Payer, PaymentMethod
from renga.domains.payments.ports.provider import (
    Authorise,
    Capture,
    Inquiry,
    MethodCapabilities,
    Outcome,
    PaymentProvider,
    ProviderRecord,
    Refund,
    Void,
)
from renga.domains.payments.providers.pix.adapter import PixProvider
from renga.domains.payments.providers.pix.webhooks import SIGNATURE_HEADER, sign
from renga.domains.payments.providers.stripe.adapter import StripeProvider
from renga.kernel.clock import DAY_MS, Clock, ManualClock, rfc3339
from renga.kernel.ids import id_source
from renga.kernel.money import Money
from tests.engines.registry import Registry
from tests.payments import stripe_double
from tests.payments.pix_double import PixDouble
from tests.payments.stripe_double import StripeDouble
from tests.ports.payment_link import Link

SECRET = "whsec_of_the_suite"
AMOUNT = Money(1_000, "BRL")
NOON_MS = 1_796_040_000_000
Headers = dict[str, str]


@dataclass
class ProviderLab:
    """A provider and what tests need beside the port.

    ``tokens``      for cards: ``approved``, ``declined``, ``poor`` (insufficient funds), ``challenge``
    ``buyer_pays``  pays an asynchronous charge;  ``passes``: the buyer passes the challenge of a payment
    ``pay_out``     the provider pays out what it took; answers the day of the settlement file
    ``message``     a genuine webhook's body after something happened to a payment
    ``sign``        headers that make a body genuine at a time (Unix seconds), by a secret
    ``lacks``       rows that this provider cannot show, with the reason
    ``reasons``     of refusals, where this provider gives a less exact one than others
    ``order``       members that each authorisation of this lab has
    """

    provider: PaymentProvider
    link: Link
    clock: Clock
    method: PaymentMethod
    message: Callable[[str], Awaitable[bytes]]
    sign: Callable[[bytes, int, str], Headers]
    tokens: Mapping[str, str] = field(default_factory=dict)
    buyer_pays: Callable[[str], Awaitable[None]] | None = None
    passes: Callable[[ProviderRecord], Awaitable[None]] | None = None
    dispute: Callable[[str, int], Awaitable[Callable[[str], Awaitable[None]]]] | None = None
    pay_out: Callable[[], Awaitable[str]] | None = None
    lacks: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    order: Mapping[str, Any] = field(default_factory=dict)

    def needs(self, row: str) -> None:
        """Skip the test, with the reason, if the provider cannot show this."""
        if row in self.lacks:
            pytest.skip(self.lacks[row])

    @property
    def can(self) -> MethodCapabilities:
        return self.provider.capabilities.methods[self.method]

    def new_id(self) -> str:
        return id_source(self.clock)()

    def day(self, *, before: int = 0) -> str:
        """Today in UTC, or so many days before."""
        return rfc3339(self.clock.now_ms() - before * DAY_MS)[:10]

    def later(self, *, days: int) -> None:
        assert isinstance(self.clock, ManualClock)
        self.clock.advance(seconds=days * 86_400)

    def new(self, **changes: Any) -> Authorise:
        members: dict[str, Any] = {
            "key": self.new_id(),
            "means": self.new_id(),
            "reference": "order:1",
            "method": self.method,
            "amount": AMOUNT,
            "token": self.tokens.get("approved"),
            "return_url": "https://shop.example/back",
        }
        return Authorise(**members | dict(self.order) | changes)

    async def authorised(self, **changes: Any) -> ProviderRecord:
        """A new payment that the provider accepted, or waits for."""
        outcome = await self.provider.authorise(self.new(**changes))
        assert outcome.kind == ("pending" if self.can.asynchronous else "accepted"), outcome
        assert outcome.record is not None
        return outcome.record

    async def captured(self, **changes: Any) -> ProviderRecord:
        """A new payment whose money is taken."""
        record = await self.authorised(**changes | ({} if self.can.asynchronous else {"capture": True}))
        if self.buyer_pays is not None:
            await self.buyer_pays(record.ref)
        return await self.now(record.ref)

    async def now(self, ref: str) -> ProviderRecord:
        record = await self.provider.read(ref, self.method)
        assert record is not None
        return record

    async def capture(self, ref: str, amount: int, **changes: Any) -> Outcome:
        members: dict[str, Any] = {"key": self.new_id(), "ref": ref, "amount": Money(amount, "BRL")}
        return await self.provider.capture(Capture(**members | changes))

    async def void(self, ref: str, **changes: Any) -> Outcome:
        return await self.provider.void(Void(**{"key": self.new_id(), "ref": ref, "method": self.method} | changes))

    async def refund(self, ref: str, amount: int, **changes: Any) -> Outcome:
        members: dict[str, Any] = {"key": self.new_id(), "ref": ref, "method": self.method}
        return await self.provider.refund(Refund(**members | {"amount": Money(amount, "BRL")} | changes))

    async def find(self, key: str, kind: Any, ref: str | None = None) -> Outcome | None:
        means = self.new_id()
        return await self.provider.find(Inquiry(key=key, kind=kind, method=self.method, means=means, ref=ref))


Opener = Callable[[Registry, str], AbstractAsyncContextManager[ProviderLab]]


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


@asynccontextmanager
async def pix_on_the_double(engines: Registry, test: str) -> AsyncIterator[ProviderLab]:
    clock = ManualClock(NOON_MS)
    double = PixDouble(clock.now_ms)
    link = Link(double)
    provider = PixProvider(
        httpx.AsyncClient(transport=link, base_url="https://pix.example/pix-api/v2"),
        chave="pix@shop.example",
        token_url="https://pix.example/oauth/token",
        client_id="client",
        client_secret="secret",
        clock=clock,
        webhook_secret=SECRET,
        webhook_proof="signature",
    )

    async def pays(ref: str) -> None:
        double.pay(ref)

    async def message(ref: str) -> bytes:
        return double.message(ref)

    lab = ProviderLab(
        provider=provider,
        link=link,
        clock=clock,
        method="pix",
        message=message,
        sign=pix_signature,
        buyer_pays=pays,
        lacks={"settlement": "the Pix API has no settlement file", "disputes": "the Pix API tells no disputes"},
        order={"token": None, "return_url": None, "expires_in_s": 600},
    )
    yield lab
    await provider.close()


@asynccontextmanager
async def pix_with_a_due_date(engines: Registry, test: str) -> AsyncIterator[ProviderLab]:
    async with pix_on_the_double(engines, test) as lab:
        payer = Payer(name="Ana Souza", tax_id="529.982.247-25")
        yield replace(lab, order={"token": None, "return_url": None, "due_on": "2026-12-10", "payer": payer})


def pix_signature(body: bytes, at_s: int, secret: str) -> Headers:
    return {SIGNATURE_HEADER: f"t={at_s},v1={sign(body, at_s, secret)}"}


CARDS: dict[str, Opener] = {
    "stripe on its double": stripe_on_the_double,
    "stripe with many captures": stripe_with_many_captures,
}
LATER: dict[str, Opener] = {
    "pix on its double": pix_on_the_double,
    "pix with a due date": pix_with_a_due_date,
}
OPENERS: dict[str, Opener] = CARDS | LATER
