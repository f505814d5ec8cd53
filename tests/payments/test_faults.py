"""Random faults from a printed seed: whatever happens, afterwards the ledger, the shop and the provider say the same."""

import asyncio
import os
import random
from typing import Any

import pytest

from renga.kernel.clock import ManualClock
from tests import proof
from tests.payments.chaos import ChaoticProvider, Client, DyingSometimes, Post, buyers, janitors
from tests.payments.world import World

SEEDS, CLIENTS = proof.count(small=3, full=60), proof.count(small=12, full=40)
#: Repeats one run: RENGA_PAYMENTS_SEED=… (a number that a failure has printed).
SEED = os.environ.get("RENGA_PAYMENTS_SEED")


async def storm(world: World, dice: random.Random) -> Post:
    """Clients at once, until all of them have gone."""
    world.use_crash_point(DyingSometimes(dice, 0.03))
    post = Post(world, dice)
    around = [post.run(), buyers(world, dice), janitors(world)]
    tasks = [asyncio.create_task(one) for one in around]
    try:
        await asyncio.gather(*[Client(world, dice, number).run() for number in range(CLIENTS)])
    finally:
        for one in tasks:
            one.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended), ended
    return post


async def calm(world: World, provider: ChaoticProvider) -> None:
    """The provider answers again: a minute later nothing is unknown. Lost webhooks stay lost."""
    provider.mad, provider.waiting = False, []
    provider.forget_faults()
    world.use_crash_point(world.killer)
    assert await world.seconds_until_known() <= 60


@pytest.mark.proof
@pytest.mark.parametrize("number", range(SEEDS))
async def test_after_a_storm_all_say_the_same(number: int, clock: ManualClock, pool: Any) -> None:
    seed = int(SEED) + number if SEED else random.SystemRandom().randrange(2**32)
    print(f"RENGA_PAYMENTS_SEED={seed}")
    dice = random.Random(seed)
    provider = ChaoticProvider(dice=dice)
    world = World(provider, clock, pool)
    world.use(deadline_ms=50)
    post = await storm(world, dice)
    await calm(world, provider)
    await post.deliver_again()
    await world.reconcile()
    await world.recover(webhooks=False)
    await world.check()
    per_reference = await pool.fetch("SELECT reference, count(*) FROM payments.payments GROUP BY 1 HAVING count(*) > 1")
    assert per_reference == [], f"one request made several payments (RENGA_PAYMENTS_SEED={seed})"
