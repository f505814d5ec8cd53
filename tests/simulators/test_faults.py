"""Faults of the simulated provider: numbers for them, the next ones by name, at random by seed; and its messages."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from tests.simulators.provider import GOOD, Provider, is_signed, provider_in

TIMEOUT, ERROR, LOST, TWICE = "4000009900000012", "4000009900000020", "4000009900000038", "4000009900000046"
LATE, BEFORE, SHORT = "4000009900000053", "4000009900000061", "4000009900000079"
NO_CAPTURE, NO_REFUND, SLOW_REFUND = "4000009900000087", "4000009900000095", "4000009900000103"
BAD_REFUND, DISPUTE = "4000009900000111", "4000009900000129"


async def _found(provider: Provider, key: str) -> dict[str, Any] | None:
    answer = await provider.client.get("/v1/operations", params={"key": key})
    return answer.json() if answer.status_code == 200 else None


async def test_a_number_that_times_out_after_charging(tmp_path: Path) -> None:
    async with provider_in(tmp_path, hang_s=30.0) as provider:
        body = {"amount": 500, "currency": "BRL", "token": await provider.token(TIMEOUT), "capture": True}
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await provider.post("/v1/payments", body, key="k")
        found = await _found(provider, "k")
        assert found is not None
        assert (found["outcome"], found["payment"]["captured"]) == ("accepted", 500)
        again = await provider.post("/v1/payments", body, key="k")
        assert (again.status_code, again.json()["payment"]["id"]) == (201, found["payment"]["id"])


async def test_a_number_that_fails_once_and_succeeds_with_the_same_key(provider: Provider) -> None:
    body = {"amount": 500, "currency": "BRL", "token": await provider.token(ERROR), "capture": True}
    assert (await provider.post("/v1/payments", body, key="k")).status_code == 500
    assert await _found(provider, "k") is None
    assert (await provider.post("/v1/payments", body, key="k")).json()["payment"]["captured"] == 500


async def test_captures_and_refunds_that_are_refused(provider: Provider) -> None:
    held = (await provider.card(NO_CAPTURE))["payment"]
    answer = await provider.post(f"/v1/payments/{held['id']}/capture")
    assert (answer.status_code, answer.json()["reason"]) == (402, "capture_refused")
    assert (await provider.read(held["id"])) == held
    paid = (await provider.card(NO_REFUND, capture=True))["payment"]
    answer = await provider.post(f"/v1/payments/{paid['id']}/refunds", {"amount": 1})
    assert (answer.status_code, answer.json()["reason"]) == (402, "refund_refused")
    assert (await provider.read(paid["id"])) == paid


@pytest.mark.parametrize(
    ("number", "state", "outcome"), [(SLOW_REFUND, "succeeded", "accepted"), (BAD_REFUND, "failed", "refused")]
)
async def test_a_refund_that_takes_its_time(provider: Provider, number: str, state: str, outcome: str) -> None:
    paid = (await provider.card(number, capture=True))["payment"]
    answer = await provider.post(f"/v1/payments/{paid['id']}/refunds", {"amount": 4_000}, key="r")
    assert (answer.status_code, answer.json()["outcome"]) == (202, "pending")
    waiting = await provider.read(paid["id"])
    assert (waiting["refunded"], waiting["refund_pending"], waiting["refundable"]) == (0, 4_000, 6_000)
    await provider.advance(60)
    ended = await provider.read(paid["id"])
    good = 4_000 if state == "succeeded" else 0
    assert (ended["refunds"][0]["state"], ended["refunded"], ended["refundable"]) == (state, good, 10_000 - good)
    found = await _found(provider, "r")
    assert found is not None
    assert found["outcome"] == outcome


async def test_a_refund_can_be_ended_by_hand(provider: Provider) -> None:
    paid = (await provider.card(SLOW_REFUND, capture=True))["payment"]
    made = (await provider.post(f"/v1/payments/{paid['id']}/refunds")).json()["payment"]["refunds"][0]["id"]
    assert (await provider.post(f"/test/refunds/{made}/fail")).json()["refunded"] == 0
    assert (await provider.post(f"/test/refunds/{made}/complete")).status_code == 409
    assert (await provider.post("/test/refunds/re_none/complete")).status_code == 404


async def test_an_authorisation_that_ends_soon(provider: Provider) -> None:
    held = (await provider.card(SHORT))["payment"]
    await provider.advance(61)
    assert (await provider.read(held["id"]))["state"] == "expired"


async def test_a_number_that_disputes_by_itself(provider: Provider) -> None:
    paid = (await provider.card(DISPUTE, capture=True))["payment"]
    await provider.advance(5)
    case = (await provider.read(paid["id"]))["disputes"][0]
    assert (case["state"], case["amount"], case["reason"]) == ("opened", 10_000, "fraudulent")
    assert (await provider.post(f"/v1/payments/{paid['id']}/refunds")).status_code == 422
    await provider.shop.wait(2)
    assert provider.shop.types[-1] == "dispute.opened"
    assert provider.shop.received[-1][1]["dispute"] == case
    assert (await provider.post(f"/test/disputes/{case['id']}/win")).json()["refundable"] == 10_000
    assert (await provider.post(f"/test/disputes/{case['id']}/lose")).status_code == 409


async def test_a_message_is_signed_and_sent_again_until_it_is_received(provider: Provider) -> None:
    provider.shop.answers = [None, 503]
    await provider.card()
    await provider.shop.wait(2)
    assert len({body["id"] for _, body, _ in provider.shop.received}) == 1
    assert all(is_signed(provider, headers) for _, _, headers in provider.shop.received)


async def test_messages_that_are_lost_late_or_sent_twice(provider: Provider) -> None:
    lost = (await provider.card(LOST))["payment"]["id"]
    began = time.monotonic()
    await provider.card(LATE)
    await provider.card(TWICE)
    await provider.shop.wait(3)
    assert time.monotonic() - began >= 0.2
    ids = [body["id"] for _, body, _ in provider.shop.received]
    assert len(set(ids)) == 2
    assert all(body["payment"]["id"] != lost for _, body, _ in provider.shop.received)
    event = (await provider.client.get("/v1/events", params={"payment": lost})).json()["items"][0]
    assert (event["fate"], event["waiting"], event["attempts"]) == ("webhook_lost", False, 0)
    assert (await provider.post(f"/test/events/{event['id']}/resend")).status_code == 202
    await provider.shop.wait(4)
    assert provider.shop.received[-1][1]["id"] == event["id"]
    assert (await provider.post("/test/events/evt_none/resend")).status_code == 404


async def test_a_message_before_the_answer(provider: Provider) -> None:
    said = await provider.card(BEFORE)
    assert [body["payment"]["id"] for _, body, _ in provider.shop.received] == [said["payment"]["id"]]


async def test_messages_wait_while_they_are_paused(provider: Provider) -> None:
    await provider.post("/test/webhooks/pause")
    await provider.card()
    await asyncio.sleep(0.1)
    assert provider.shop.received == []
    await provider.post("/test/webhooks/resume")
    await provider.shop.wait(1)


async def test_what_is_stored_is_sent_by_the_next_process(tmp_path: Path) -> None:
    async with provider_in(tmp_path) as first:
        await first.post("/test/webhooks/pause")
        paid = (await first.card(capture=True))["payment"]
    async with provider_in(tmp_path) as second:
        assert second.desk.paused
        await second.post("/test/webhooks/resume")
        await second.shop.wait(1)
        assert second.shop.received[0][1]["payment"]["id"] == paid["id"]


@pytest.mark.parametrize(
    ("fault", "status", "acted"),
    [
        ("error_before", 500, False),
        ("error_after", 500, True),
        ("timeout_before", 504, False),
        ("timeout_after", 201, True),
    ],
)
async def test_the_next_fault_by_name(provider: Provider, fault: str, status: int, acted: bool) -> None:
    token = await provider.token()
    assert (await provider.post("/test/faults", {"next": [fault], "hang_s": 0.01})).status_code == 200
    body = {"amount": 500, "currency": "BRL", "token": token, "capture": True}
    assert (await provider.post("/v1/payments", body, key="k")).status_code == status
    assert (await _found(provider, "k") is not None) == acted
    assert (await provider.post("/v1/payments", body, key="k")).status_code == 201
    log = (await provider.client.get("/v1/log")).json()["items"]
    assert [one["kind"] for one in log] == ["authorise", "capture"]


async def _statuses(provider: Provider, plan: dict[str, Any]) -> list[int]:
    await provider.post("/test/faults", plan)
    body = {"amount": 500, "currency": "BRL"}
    return [
        (await provider.post("/v1/payments", body | {"token": await provider.token()})).status_code for _ in range(30)
    ]


async def test_random_faults_are_the_same_for_the_same_seed(provider: Provider) -> None:
    plan = {"seed": "s1", "error": 0.3, "timeout": 0.2, "hang_s": 0}
    first = await _statuses(provider, plan)
    assert {500, 504, 201} == set(first)
    assert await _statuses(provider, plan) == first
    assert await _statuses(provider, plan | {"seed": "s2"}) != first
    assert set(await _statuses(provider, {})) == {201}


async def test_random_faults_of_messages(provider: Provider) -> None:
    await provider.post("/test/faults", {"seed": 1, "webhook_lost": 0.5, "webhook_twice": 0.5})
    for _ in range(20):
        await provider.card(GOOD)
    items = (await provider.client.get("/v1/events")).json()["items"]
    fates = {fate: sum(one["fate"] == fate for one in items) for fate in ("webhook_lost", "webhook_twice", "normal")}
    assert fates["webhook_lost"] >= 5
    assert fates["webhook_twice"] >= 2
    assert sum(fates.values()) == 20
    await provider.shop.wait(2 * fates["webhook_twice"] + fates["normal"])


@pytest.mark.parametrize(
    "plan", [{"error": 1.1}, {"error": -0.1}, {"next": ["nothing"]}, {"slow_ms": 60_001}, {"x": 1}]
)
async def test_a_plan_that_cannot_be_is_refused(provider: Provider, plan: dict[str, Any]) -> None:
    assert (await provider.post("/test/faults", plan)).status_code == 422
    assert not provider.desk.faults.active


async def test_slow_answers(provider: Provider) -> None:
    token = await provider.token()
    await provider.post("/test/faults", {"slow_ms": 120})
    began = time.monotonic()
    await provider.post("/v1/payments", {"amount": 500, "currency": "BRL", "token": token})
    assert time.monotonic() - began >= 0.12


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"advance_s": 1, "day": "2090-01-01"},
        {"day": "2000-01-01"},
        {"day": "x"},
        {"advance_s": -1},
        {"day": "2200-01-01"},
    ],
)
async def test_a_clock_that_cannot_be_is_refused(provider: Provider, wish: dict[str, Any]) -> None:
    assert (await provider.post("/test/clock", wish)).status_code == 422
    assert provider.desk.shift_ms == 0


async def test_the_clock_goes_forward_and_is_kept(tmp_path: Path) -> None:
    async with provider_in(tmp_path) as first:
        assert (await first.post("/test/clock", {"day": "2090-05-06"})).json()["now"].startswith("2090-05-06T")
    async with provider_in(tmp_path) as second:
        assert (await second.client.get("/test/clock")).json()["now"].startswith("2090-05-06T")
        await second.post("/test/clock", {"reset": True})
        assert second.desk.shift_ms == 0
