"""Random faults of a provider, of the way to it, and of the shop's processes, all from one seed."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import get_args

from renga.domains.payments.contract.errors import PaymentBusy, PaymentStateConflict, ProviderAway
from renga.domains.payments.contract.payments import NewMeans, Payment
from renga.domains.payments.contract.service import CaptureRequest, RefundRequest, VoidRequest
from renga.domains.payments.ports.provider import Inquiry, Outcome
from renga.kernel.errors import RengaError, Unavailable
from tests.payments.scripted_provider import Fault, Order
from tests.payments.telling_provider import TellingProvider
from tests.payments.till import SHOP, card
from tests.payments.world import Killed, World

#: Faults that lose an answer: refusals are decisions, and what hangs or breaks loudly is tried elsewhere, one by one.
_OTHERWISE = {"refuse", "action_needed", "pending", "hang_before", "raise_after"}
FAULTS = tuple(one for one in get_args(Fault) if one not in _OTHERWISE)
TRIES_MAX = 4


@dataclass
class ChaoticProvider(TellingProvider):
    """While it is ``mad``, many calls fail before or after it acts, and questions are not answered."""

    dice: random.Random = field(default_factory=random.Random)
    mad: bool = True

    async def _ask(self, kind: str, order: Order) -> Outcome:
        if self.mad:
            await asyncio.sleep(self.dice.random() / 500)
            if self.dice.random() < 0.4:
                self.script(kind, self.dice.choice(FAULTS))
            elif self.dice.random() < 0.1 and order.key not in self.answers:
                self.script(kind, "refuse")
        return await super()._ask(kind, order)

    async def find(self, inquiry: Inquiry) -> Outcome | None:
        if self.mad and self.dice.random() < 0.3:
            raise ProviderAway()
        return await super().find(inquiry)


class DyingSometimes:
    """A crash point that kills one in so many times."""

    def __init__(self, dice: random.Random, share: float) -> None:
        self.dice, self.share, self.deaths = dice, share, 0

    def __call__(self, name: str) -> None:
        if self.dice.random() < self.share:
            self.deaths += 1
            raise Killed(name)


class Client:
    """A program of the shop that pays one order. It repeats what had no answer, with the same key."""

    def __init__(self, world: World, dice: random.Random, number: int) -> None:
        self.world, self.dice, self.reference = world, dice, f"order:{number}"

    async def run(self) -> None:
        means = self.dice.choice([(), (NewMeans(method="pix"),), (card(700), NewMeans(method="pix", amount=300))])
        later = self.dice.random() < 0.5
        new = self.world.till.new(
            1000, *means, key=self.reference, reference=self.reference, capture="later" if later else "now"
        )
        paid = await self._insist(lambda: self.world.payments.pay(SHOP, new))
        for place in range(self.dice.randrange(4)):
            if paid is not None:
                await self._act(paid, f"{self.reference}:{place}")

    async def _act(self, paid: Payment, key: str) -> None:
        payments, kind = self.world.payments, self.dice.choice(["capture", "void", "refund", "refund"])
        amount = self.dice.choice([None, 1, 333, 1000])
        if kind == "capture":
            asked = CaptureRequest(key=key, amount=amount, final=self.dice.random() < 0.5)
            await self._insist(lambda: payments.capture(SHOP, paid.id, asked))
        elif kind == "void":
            await self._insist(lambda: payments.void(SHOP, paid.id, VoidRequest(key=key)))
        else:
            await self._insist(lambda: payments.refund(SHOP, paid.id, RefundRequest(key=key, amount=amount)))

    async def _insist(self, call) -> Payment | None:  # type: ignore[no-untyped-def]
        for _ in range(self.dice.randint(1, TRIES_MAX)):
            try:
                return await call()  # type: ignore[no-any-return]
            except (PaymentBusy, PaymentStateConflict, Unavailable):
                await asyncio.sleep(0.002)
            except RengaError:
                return None  # more than is left, or what this provider cannot do
            except Killed:
                continue
        return None


class Post:
    """The way of webhooks: they are lost, doubled, late, and overtake each other."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self.world, self.dice = world, dice
        self.again: list[str] = []

    async def run(self) -> None:
        while True:
            await asyncio.sleep(0.002)
            waiting = self.world.provider.waiting
            if not waiting or self.dice.random() < 0.3:
                continue
            event = waiting.pop(self.dice.randrange(len(waiting))).id
            fate = self.dice.random()
            if fate < 0.25:
                continue  # lost
            await asyncio.gather(*[self._deliver(event) for _ in range(2 if fate < 0.5 else 1)])

    async def _deliver(self, event: str) -> None:
        # until it is answered 200, it is on its way
        self.again.append(event)
        with suppress(Unavailable):
            if await self.world.attempt(self.world.deliver(event)):
                self.again.remove(event)

    async def deliver_again(self) -> None:
        """What was not answered 200 is sent again."""
        while self.again:
            await self.world.deliver(self.again.pop())


async def buyers(world: World, dice: random.Random) -> None:
    """Buyers pay a Pix at any time, also when nobody waits for it any more."""
    while True:
        await asyncio.sleep(0.004)
        open_ = [
            ref
            for ref, record in world.provider.truth.items()
            if record.method == "pix" and not record.captured and record.state in {"pending", "voided", "expired"}
        ]
        if open_ and dice.random() < 0.5:
            world.provider.paid(dice.choice(open_))


async def janitors(world: World) -> None:
    """Two workers, while time goes by."""
    while True:
        await asyncio.sleep(0.005)
        world.clock.advance(ms=400)
        await asyncio.gather(world.work(), world.work())
