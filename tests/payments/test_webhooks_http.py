"""Webhooks, reviews and the report over HTTP and on the command line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from renga.domains.payments.commands.unknown_report import report_unknown
from renga.domains.payments.contract.webhooks import WEBHOOK_BYTES_MAX
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.ports.provider import ProviderDispute, ProviderEvent
from renga.kernel.clock import ManualClock
from renga.platform.sections import Sections
from tests.face_clients import FaceClients
from tests.payments.scripted_provider import ScriptedProvider
from tests.payments.test_http import ANA, FINANCE, ORDERS, clients  # noqa: F401 # a fixture
from tests.payments.till import Till
from tests.payments.world import REFUSALS


def paid_event(provider: ScriptedProvider, name: str = "evt 1 é") -> None:
    event = ProviderEvent(id=name, kind="paid", ref="sim_1", record=provider.paid("sim_1"))
    provider.events.append(event)


async def test_a_provider_needs_no_login(clients: FaceClients, till: Till, provider: ScriptedProvider) -> None:  # noqa: F811
    from renga.domains.payments.contract.payments import NewMeans

    paid = await till.pay(1000, NewMeans(method="pix"))
    paid_event(provider)
    anybody = clients.as_(None)
    for new in (1, 0):
        answer = await anybody.post("/v1/webhooks/sim?any=thing", content="evt 1 é".encode())
        assert (answer.status_code, answer.json()) == (200, {"events": 1, "new": new})
    assert (await till.read(paid)).state == "captured"
    for path, body, status, code in (
        ("/v1/webhooks/nobody", b"", 404, "payment_provider_not_found"),
        ("/v1/webhooks/sim", b"x" * 100_001, 413, "too_large"),
    ):
        answer = await anybody.post(path, content=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert WEBHOOK_BYTES_MAX == 262_144


async def test_a_message_may_have_any_number_and_no_card_of_it_is_kept(
    clients: FaceClients,  # noqa: F811
    till: Till,
    provider: ScriptedProvider,
    pool: Any,
) -> None:
    await till.pay(1000)
    disputed = ProviderDispute(id="d1", state="opened", amount=400, reason="card 4242 4242 4242 4242 was stolen")
    record = msgspec.structs.replace(provider.truth["sim_1"], disputes=(disputed,))
    provider.events.append(ProviderEvent(id="4242424242424242", kind="disputed", ref="sim_1", record=record))
    answer = await clients.as_(None).post("/v1/webhooks/sim", content=b"4242424242424242")
    assert (answer.status_code, answer.json()) == (200, {"events": 1, "new": 1})
    kept = await pool.fetchval("SELECT convert_from(body, 'UTF8') FROM payments.webhook_events")
    assert "4242 4242 4242 4242" not in kept
    assert "4242] was stolen" in kept


async def test_finance_lists_and_replays(clients: FaceClients, till: Till, provider: ScriptedProvider) -> None:  # noqa: F811
    await till.pay(1000)
    provider.events.append(ProviderEvent(id="evt 1 é", kind="paid", ref="other", record=None))
    await clients.as_(None).post("/v1/webhooks/sim", content="evt 1 é".encode())
    finance = clients.as_(FINANCE)
    (item,) = (await finance.get("/v1/webhook-events?state=parked")).json()["items"]
    assert (item["id"], item["state"], item["reason"], item["tries"]) == ("evt 1 é", "parked", "unknown_payment", 1)
    assert (await finance.get("/v1/webhook-events?state=applied")).json()["items"] == []
    answer = await finance.post("/v1/webhook-events/sim/evt%201%20%C3%A9/replay")
    assert (answer.status_code, answer.json()["tries"]) == (200, 2)
    answer = await finance.post("/v1/webhook-events/sim/none/replay")
    assert (answer.status_code, answer.json()["code"]) == (404, "webhook_event_not_found")
    answer = await finance.get("/v1/webhook-events?cursor=x")
    assert (answer.status_code, answer.json()["code"]) == (422, "payment_invalid")
    assert (await finance.get("/v1/webhook-events?state=lost")).status_code == 400
    for caller in (ANA, ORDERS):
        assert (await clients.as_(caller).get("/v1/webhook-events")).status_code == 403
        assert (await clients.as_(caller).post("/v1/webhook-events/sim/x/replay")).status_code == 403
    assert (await clients.as_(None).get("/v1/webhook-events")).status_code == 401


async def test_a_review_over_http(clients: FaceClients, till: Till) -> None:  # noqa: F811
    paid = await till.pay(1000)
    finance = clients.as_(FINANCE)
    answer = await finance.post(f"/v1/payments/{paid.id}/review", json={"decision": "accept"})
    assert (answer.status_code, answer.json()["code"]) == (409, "payment_state")
    for body in ({}, {"decision": "maybe"}, {"decision": "accept", "more": 1}):
        assert (await finance.post(f"/v1/payments/{paid.id}/review", json=body)).status_code == 400
    answer = await clients.as_(ORDERS).post(f"/v1/payments/{paid.id}/review", json={"decision": "accept"})
    assert answer.status_code == 403


async def test_a_pause_tells_when_to_try_again(clients: FaceClients, provider: ScriptedProvider) -> None:  # noqa: F811
    provider.script("authorise", *REFUSALS[:5])
    body = {"reference": "order:9", "amount": {"amount": 100, "currency": "BRL"}, "method": "card"}
    orders = clients.as_(ORDERS)
    for number in range(6):
        answer = await orders.post("/v1/payments", json=body | {"token": f"tok_{number}"})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts")
    assert answer.headers["retry-after"] in {"899", "900"}


async def test_the_report_lists_what_is_unknown(
    payments: LocalPayments,
    till: Till,
    provider: ScriptedProvider,
    clock: ManualClock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Line:
        @asynccontextmanager
        async def opened(self, settings: Any, *modules: str) -> AsyncIterator[Any]:
            yield {"payments": SimpleNamespace(own=payments)}

    line: Any = Line()
    assert await report_unknown(line, Sections({}), 60) == 0
    provider.script("authorise", "unknown_before")
    paid = await till.pay(1000)
    clock.advance(seconds=61)
    capsys.readouterr()
    assert await report_unknown(line, Sections({}), 60) == 1
    out = capsys.readouterr().out
    assert f"     61 s  authorise 1000 BRL  sim  payment {paid.id}" in out
    assert "1 outcomes are unknown for more than 60 s" in out
