"""A payment provider and what the contract suite needs beside the port to make things happen there."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import pytest

from renga.domains.payments.contract.payments import PaymentMethod
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
from renga.kernel.clock import DAY_MS, Clock, ManualClock, rfc3339
from renga.kernel.ids import id_source
from renga.kernel.money import Money
from tests.engines.registry import Registry
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

    def advance(self, *, ms: int) -> None:
        """Time passes, for the provider and for us."""
        assert isinstance(self.clock, ManualClock)
        self.clock.advance(ms=ms)

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
