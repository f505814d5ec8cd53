"""The simulated provider's adapter beyond the contract suite: what it sends, what it makes of odd answers, its settings."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from renga.domains.payments.contract.errors import ProviderAway
from renga.domains.payments.opening import open_providers, total_of
from renga.domains.payments.ports.provider import Authorise, Capture, Inquiry, Refund, Void
from renga.domains.payments.providers.simulated.adapter import SimulatedProvider
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.clock import SystemClock
from renga.kernel.money import Money
from renga.platform.settings import SettingsInvalid
from tests.simulators.provider import BASE, KEY, Provider, provider_in

AMOUNT = Money(10_000, "BRL")
TIMEOUT, SLOW_REFUND, NO_CAPTURE = "4000009900000012", "4000009900000103", "4000009900000087"


@pytest.fixture
async def simulator(tmp_path: Path) -> AsyncIterator[Provider]:
    async with provider_in(tmp_path / "provider") as running:
        yield running


@pytest.fixture
async def adapter(simulator: Provider) -> AsyncIterator[SimulatedProvider]:
    opened = SimulatedProvider(BASE, secret=b"", api_key=KEY, transport=httpx.ASGITransport(simulator.app))
    yield opened
    await opened.close()


def _order(token: str | None, **changes: Any) -> Authorise:
    members: dict[str, Any] = {
        "key": "k",
        "means": "m",
        "reference": "order:1",
        "method": "card",
        "amount": AMOUNT,
        "token": token,
    }
    return Authorise(**members | changes)


async def test_instalments_that_the_buyer_funds_are_told_with_our_interest(simulator: Provider) -> None:
    settings = PaymentSettings()
    opened = SimulatedProvider(
        BASE, secret=b"", api_key=KEY, transport=httpx.ASGITransport(simulator.app),
        total_of=lambda amount, count: total_of(settings, amount, count),
    )  # fmt: skip
    free = await opened.authorise(_order(simulator.token_now(), instalments=3))
    dear = await opened.authorise(_order(simulator.token_now(), instalments=10, key="k2"))
    assert free.record is not None
    assert dear.record is not None
    terms = [(await simulator.read(one.ref))["instalments"] for one in (free.record, dear.record)]
    assert (terms[0]["funded_by"], terms[0]["total"]) == ("shop", 10_000)
    assert (terms[1]["funded_by"], terms[1]["total"]) == ("buyer", total_of(settings, AMOUNT, 10))
    assert (dear.record.amount, dear.record.instalments) == (AMOUNT, 10)
    await opened.close()


async def test_a_time_out_after_charging_is_found(tmp_path: Path) -> None:
    async with provider_in(tmp_path, hang_s=30.0) as simulator:
        opened = SimulatedProvider(BASE, secret=b"", api_key=KEY, transport=httpx.ASGITransport(simulator.app))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await opened.authorise(_order(simulator.token_now(TIMEOUT), capture=True))
        found = await opened.find(Inquiry(key="k", kind="authorise", method="card", means="m"))
        assert found is not None
        assert (found.kind, found.record and found.record.captured) == ("accepted", 10_000)
        await opened.close()


async def test_a_pending_refund_is_found_as_what_became_of_it(simulator: Provider, adapter: SimulatedProvider) -> None:
    paid = (await adapter.authorise(_order(simulator.token_now(SLOW_REFUND), capture=True))).record
    assert paid is not None
    outcome = await adapter.refund(Refund(key="r", ref=paid.ref, method="card", amount=Money(4_000, "BRL")))
    assert (outcome.kind, outcome.record and outcome.record.refunded) == ("pending", 0)
    await simulator.advance(60)
    found = await adapter.find(Inquiry(key="r", kind="refund", method="card", means="m", ref=paid.ref))
    assert found is not None
    assert (found.kind, found.record and found.record.refunded) == ("accepted", 4_000)


async def test_refusals_have_standard_reasons_and_the_payment(simulator: Provider, adapter: SimulatedProvider) -> None:
    held = (await adapter.authorise(_order(simulator.token_now(NO_CAPTURE)))).record
    assert held is not None
    refused = await adapter.capture(Capture(key="c", ref=held.ref, amount=AMOUNT))
    assert (refused.kind, refused.reason, refused.record) == ("refused", "provider_error", held)
    await adapter.void(Void(key="v", ref=held.ref, method="card"))
    late = await adapter.capture(Capture(key="c2", ref=held.ref, amount=AMOUNT))
    assert (late.kind, late.reason, late.record and late.record.state) == ("refused", "cancelled", "voided")


async def test_an_authorisation_is_replaced(simulator: Provider, adapter: SimulatedProvider) -> None:
    old = (await adapter.authorise(_order(simulator.token_now()))).record
    assert old is not None
    new = await adapter.authorise(_order(None, key="k2", previous_ref=old.ref))
    assert (new.kind, new.record and new.record.state) == ("accepted", "authorised")
    before = await adapter.read(old.ref, "card")
    assert before is not None
    assert before.state == "voided"


async def test_a_card_is_kept_without_a_payment(simulator: Provider, adapter: SimulatedProvider) -> None:
    outcome = await adapter.authorise(_order(simulator.token_now(), amount=Money(0, "BRL"), save=True))
    assert outcome.record is not None
    assert (outcome.kind, outcome.record.captured) == ("accepted", 0)
    paid = await adapter.authorise(
        _order(None, key="k2", saved_ref=outcome.record.saved_ref, recurring=True, capture=True)
    )
    assert (paid.kind, paid.record and paid.record.captured) == ("accepted", 10_000)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"code": "unauthenticated"}, "unknown"), (503, {}, "unknown"), (200, {"kind": "authorise"}, "unknown"),
        (200, [], "unknown"), (422, {"code": "idempotency_conflict"}, "unknown"), (404, {"code": "x"}, "refused"),
        (302, {}, "unknown"), (422, [], "unknown"),
    ],
)  # fmt: skip
async def test_what_an_answer_says_of_the_operation(status: int, body: Any, kind: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=json.dumps(body).encode())

    opened = SimulatedProvider(BASE, secret=b"", transport=httpx.MockTransport(answer))
    assert (await opened.authorise(_order("tok"))).kind == kind
    if status not in (200, 404):
        with pytest.raises(ProviderAway):
            await opened.read("pay_1", "card")
    if status == 200:
        with pytest.raises(ProviderAway):
            await opened.read("pay_1", "card")
    await opened.close()


def test_settings_open_it() -> None:
    clock, url = SystemClock(), "http://127.0.0.1:8000"

    def names(**settings: Any) -> list[str]:
        opened = open_providers(PaymentSettings(**settings), clock=clock, public_url=url, secret=b"s")
        return [one.name for one in opened]

    assert names() == []
    assert names(simulator_url="none") == []
    assert names(simulator_url="http://127.0.0.1:8001") == ["simulated"]
    for settings in ({"providers": "simulated"}, {"simulator_url": "http://elsewhere.example"}):
        with pytest.raises(SettingsInvalid, match="simulator_url"):
            names(**settings)
