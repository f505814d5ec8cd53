"""What protects money is needed: without the unique key, the fence or the inbox check, a proof fails."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from renga.domains.payments import deciding, perform_operation
from renga.domains.payments.contract.payments import NewMeans
from renga.domains.payments.ports.webhooks import StoredWebhook
from renga.domains.payments.stores.unit import PostgresPaymentUnit
from tests.payments.till import SHOP
from tests.payments.world import LEASE_MS, World


async def one_key_at_once(world: World) -> None:
    """The same request several times at once is one payment."""
    new = world.till.new(1000, key="the-key", reference="order:mutation")
    await asyncio.gather(*[world.payments.pay(SHOP, new) for _ in range(4)])
    await world.recover()
    await world.check()
    found = await world.payments.payments_of(SHOP, "order:mutation")
    assert (len(found), world.provider.taken) == (1, 1000), "charged twice"


async def an_executor_that_comes_back_too_late(world: World) -> None:
    """Its call hangs for longer than its lease; the janitor has found the outcome meanwhile."""
    paid = await world.till.pay(1000, capture="later")
    world.provider.script("capture", "hang_after")
    slow = asyncio.create_task(world.till.capture(paid))
    while world.provider.count("capture") == 0:
        await asyncio.sleep(0.001)
    world.clock.advance(ms=LEASE_MS)
    await world.work()
    assert (await world.till.read(paid)).state == "captured"
    assert (await slow).state == "captured", "what was known is forgotten"
    await world.recover()
    await world.check()


async def a_webhook_twice(world: World) -> None:
    await world.till.pay(1000, NewMeans(method="pix"))
    world.provider.paid("sim_1")
    await world.deliver("evt_1", "evt_2", "evt_2", "evt_1")
    await world.check()


@pytest.mark.parametrize("proof", [one_key_at_once, an_executor_that_comes_back_too_late, a_webhook_twice])
async def test_without_a_mutation_the_proof_holds(world: World, proof: Callable[[World], Awaitable[None]]) -> None:
    await proof(world)


async def test_without_the_unique_key_a_request_is_charged_twice(world: World) -> None:
    await world.pool.execute("ALTER TABLE payments.payments DROP CONSTRAINT payments_key_key")
    with pytest.raises(AssertionError, match="charged twice"):
        await one_key_at_once(world)


async def test_without_the_fence_a_late_executor_overwrites_the_truth(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (perform_operation, deciding):
        monkeypatch.setattr(module, "holds", lambda unit, operation: True)
    with pytest.raises(AssertionError, match="what was known is forgotten"):
        await an_executor_that_comes_back_too_late(world)


async def test_without_the_inbox_check_a_webhook_has_its_effect_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = PostgresPaymentUnit.put_webhook

    async def unchecked(unit: PostgresPaymentUnit, event: StoredWebhook) -> bool:
        await put(unit, event)
        return True

    monkeypatch.setattr(PostgresPaymentUnit, "put_webhook", unchecked)
    with pytest.raises(AssertionError, match="a webhook had its effect twice"):
        await a_webhook_twice(world)
