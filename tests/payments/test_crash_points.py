"""Enumerated crashes: a process dies at each point of each operation, of webhooks and of the janitor; then others go on."""

from itertools import count
from typing import NamedTuple

import pytest

from renga.domains.payments.contract.payments import NewMeans, Payment
from renga.domains.payments.dependencies import (
    CRASH_POINTS,
    JANITOR_CRASH_POINTS,
    WEBHOOK_CRASH_POINTS,
)
from tests import proof
from tests.payments.till import SHOP, card
from tests.payments.world import World

_references = count(1)


class Crashing:
    """One run of a scenario: nothing dies in ``prepare``, ``act`` may die. ``ends``: state, captured, refunded."""

    ends: tuple[str, int, int]

    def __init__(self, world: World) -> None:
        self.world = world
        self.reference = f"order:crash-{next(_references)}"

    async def prepare(self) -> None:
        return None

    async def act(self) -> None:
        raise NotImplementedError

    async def last(self) -> Payment | None:
        found = await self.world.payments.payments_of(SHOP, self.reference)
        assert len(found) <= 1, "one request made two payments"
        return found[0] if found else None


class PayLater(Crashing):
    ends = ("authorised", 0, 0)

    async def act(self) -> None:
        await self.world.till.pay(1000, capture="later", reference=self.reference)


class PayNow(Crashing):
    ends = ("captured", 1000, 0)

    async def act(self) -> None:
        await self.world.till.pay(1000, reference=self.reference)


class TwoCards(Crashing):
    """The second one is refused: the first is released."""

    ends = ("declined", 0, 0)

    async def act(self) -> None:
        self.world.provider.refused_amounts.add(400)
        await self.world.till.pay(1000, card(600), card(400), reference=self.reference)


class Capturing(Crashing):
    ends = ("captured", 1000, 0)

    async def prepare(self) -> None:
        self.payment = await self.world.till.pay(1000, capture="later", reference=self.reference)

    async def act(self) -> None:
        await self.world.till.capture(self.payment, key=self.reference)


class Voiding(Capturing):
    ends = ("voided", 0, 0)

    async def act(self) -> None:
        await self.world.till.void(self.payment, key=self.reference)


class Refunding(Crashing):
    ends = ("partly_refunded", 1000, 300)

    async def prepare(self) -> None:
        self.payment = await self.world.till.pay(1000, reference=self.reference)

    async def act(self) -> None:
        await self.world.till.refund(self.payment, 300, key=self.reference)


class PaidByPix(Crashing):
    """The webhook, not the shop, learns of the money."""

    ends = ("captured", 1000, 0)

    async def prepare(self) -> None:
        await self.world.till.pay(1000, NewMeans(method="pix"), reference=self.reference)
        await self.world.deliver_waiting()
        self.world.provider.paid(list(self.world.provider.truth)[-1])

    async def act(self) -> None:
        await self.world.deliver(self.world.provider.waiting[0].id)


class PaidTooLate(PaidByPix):
    """Voided, then paid all the same: the money is given back, once."""

    ends = ("refunded", 1000, 1000)

    async def prepare(self) -> None:
        paid = await self.world.till.pay(1000, NewMeans(method="pix"), reference=self.reference)
        await self.world.till.void(paid)
        await self.world.deliver_waiting()
        self.world.provider.paid(list(self.world.provider.truth)[-1])

    async def act(self) -> None:
        await super().act()
        await self.world.deliver_waiting()
        for _ in range(2):
            self.world.clock.advance(ms=1_000)
            await self.world.work()


class Expiring(Crashing):
    """Nobody pays a Pix: its time is over, and it is withdrawn."""

    ends = ("expired", 0, 0)

    async def prepare(self) -> None:
        await self.world.till.pay(1000, NewMeans(method="pix", expires_in_s=60), reference=self.reference)
        self.world.clock.advance(ms=3_600_000)

    async def act(self) -> None:
        for _ in range(3):
            await self.world.work()
            self.world.clock.advance(ms=5_000)


SCENARIOS = [
    PayLater, PayNow, TwoCards, Capturing, Voiding, Refunding, PaidByPix, PaidTooLate, Expiring,
]  # fmt: skip


class Run(NamedTuple):
    """The crash points that were passed, by the work and by those who went on after it."""

    work: tuple[str, ...]
    recovery: tuple[str, ...]


async def run(world: World, scenario: type[Crashing], first: int | None = None, second: int | None = None) -> Run:
    """The scenario, with a death at the n-th crash point of the work, and one at the n-th of those who go on after it."""
    one = scenario(world)
    world.killer.arm(None)
    await one.prepare()
    world.killer.arm(first)
    await world.attempt(one.act())
    work = tuple(world.killer.passed)
    world.killer.arm(second)
    await world.recover()
    recovery = tuple(world.killer.passed)
    world.killer.arm(None)
    await world.recover()
    await world.check()
    paid = await one.last()
    assert paid is not None
    told = f"{scenario.__name__} died at point {first} of {work}, then at {second} of {recovery}"
    assert (paid.state, paid.captured.amount, paid.refunded.amount) == one.ends, told
    return Run(work, recovery)


@pytest.mark.proof
@pytest.mark.timeout(1_200)
async def test_a_process_may_die_at_every_point(world: World) -> None:
    """In the full proof also those who go on may die, at each of their points."""
    seen: set[str] = set()
    for scenario in SCENARIOS:
        alive = await run(world, scenario)
        for place in range(len(alive.work)):
            died = await run(world, scenario, place)
            assert died.work[: place + 1] == alive.work[: place + 1]
            seen.update(died.work, died.recovery)
            if proof.size() == "full":
                for second in range(len(died.recovery)):
                    await run(world, scenario, place, second)
    assert seen >= {*CRASH_POINTS, *WEBHOOK_CRASH_POINTS, *JANITOR_CRASH_POINTS}
