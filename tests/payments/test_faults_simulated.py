"""Random faults of the simulated provider itself (time-outs, errors 500, webhooks lost, twice, late), over its adapter."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from renga.domains.payments.contract.payments import NewMeans
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.janitor.do_due import do_due
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.opening import payment_dependencies
from renga.domains.payments.providers.simulated.adapter import SimulatedProvider
from renga.domains.payments.settings import PaymentSettings
from renga.domains.payments.webhooks.receive_webhook import receive_webhook
from renga.kernel.clock import ManualClock, SystemClock, rfc3339
from renga.kernel.errors import RengaError
from renga.kernel.ids import id_source
from tests import proof
from tests.payments.till import Till, card
from tests.payments.world import LEASE_MS, STEP_MS
from tests.simulators.provider import BASE, KEY, Provider, provider_in

CLIENTS = proof.count(small=6, full=400)
PLAN = {"timeout": 0.2, "error": 0.2, "hang_s": 0.3, "webhook_lost": 0.2, "webhook_twice": 0.2, "webhook_late": 0.1}


@pytest.fixture
async def simulator(tmp_path: Path) -> AsyncIterator[Provider]:
    async with provider_in(tmp_path / "provider") as running:
        yield running


@pytest.fixture
async def adapter(simulator: Provider) -> AsyncIterator[SimulatedProvider]:
    opened = SimulatedProvider(BASE, secret=b"a shop", api_key=KEY, transport=httpx.ASGITransport(simulator.app))
    yield opened
    await opened.close()


async def client(till: Till, simulator: Provider, dice: random.Random, number: int) -> None:
    """Pays by card or Pix; then captures, voids or refunds."""
    reference = f"order:{number}"
    means = card(token=simulator.token_now()) if dice.random() < 0.7 else NewMeans(method="pix")
    with contextlib.suppress(RengaError):
        paid = await till.pay(1000, means, key=reference, reference=reference, capture=dice.choice(["now", "later"]))
        if paid.pix is not None and paid.pix.test_pay_url is not None:
            assert (await simulator.anonymous.post(paid.pix.test_pay_url)).status_code == 200
        if dice.random() < 0.5:
            await till.capture(paid, dice.choice([None, 300]), key=reference)
        elif dice.random() < 0.5:
            await till.void(paid, key=reference)
        await till.refund(paid, dice.choice([None, 1, 250]), key=reference)


async def deliver_all(dependencies: PaymentDependencies, simulator: Provider) -> int:
    """Every message that the provider has sent until now; how many were new."""
    new = 0
    for _, _, headers in simulator.shop.received:
        lower = {name.lower(): value for name, value in headers.items() if name != "raw"}
        new += (await receive_webhook(dependencies, "simulated", lower, headers["raw"].encode())).new
    return new


async def janitor_for_a_minute(dependencies: PaymentDependencies, clock: ManualClock, pool: Any) -> int:
    """How many seconds until nothing is unknown."""
    clock.advance(ms=LEASE_MS)
    for seconds in range(0, 61, STEP_MS // 1000):
        await do_due(dependencies)
        if not await pool.fetchval(
            "SELECT count(*) FROM payments.operations WHERE closed_ms IS NULL AND state <> 'pending'"
        ):
            return seconds
        clock.advance(ms=STEP_MS)
    return 10**9


async def check(adapter: SimulatedProvider, pool: Any) -> None:
    """The provider's list, the means and the ledger say the same."""
    records = {one.ref: one async for one in adapter.records(rfc3339(SystemClock().now_ms())[:10])}
    means = {row["provider_ref"]: row for row in await pool.fetch("SELECT * FROM payments.means")}
    for ref, record in records.items():
        if record.captured or record.state in {"authorised", "pending", "action_needed"}:
            assert ref in means, f"nobody knows {record}"
        if ref in means:
            assert (means[ref]["captured"], means[ref]["refunded"]) == (record.captured, record.refunded), record
    held = await pool.fetchval(
        "SELECT coalesce(sum(amount), 0)::bigint FROM payments.ledger_entries WHERE account LIKE 'clearing:%'"
    )
    assert held == sum(one.captured - one.refunded for one in records.values())
    assert len({one.key for one in records.values()}) == len(records), "a key was charged twice"


@pytest.mark.proof
@pytest.mark.timeout(600)
async def test_after_faults_of_the_simulated_provider_all_say_the_same(
    simulator: Provider, adapter: SimulatedProvider, pool: Any
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice, clock = random.Random(seed), ManualClock(SystemClock().now_ms())
    dependencies = payment_dependencies(
        pool, PaymentSettings(providers="simulated", deadline_ms=200), [adapter], clock=clock,
        new_id=id_source(SystemClock()), secret=b"s" * 32, public_url="https://shop.example",
    )  # fmt: skip
    till = Till(LocalPayments(dependencies), pool)
    assert (await simulator.post("/test/faults", PLAN | {"seed": seed})).status_code == 200
    await asyncio.gather(*[client(till, simulator, dice, number) for number in range(CLIENTS)])
    await deliver_all(dependencies, simulator)
    assert (await simulator.post("/test/faults", {})).status_code == 200
    assert await janitor_for_a_minute(dependencies, clock, pool) <= 60
    await asyncio.sleep(1)
    await deliver_all(dependencies, simulator)
    clock.advance(seconds=2_000)  # what a lost message would have told is read at the provider when it expires
    for _ in range(4):
        await do_due(dependencies)
        clock.advance(seconds=31)
    await check(adapter, pool)
    again = await pool.fetchval("SELECT count(*) FROM payments.operations WHERE attempts > 1")
    print(f"{CLIENTS} clients, {again} operations were tried more than once")
    assert again or proof.size() == "small"
