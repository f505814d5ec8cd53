"""What a worker runs of orders: the consumers hear carts and erasures, the jobs end what is over."""

import asyncio
from typing import Any

from renga.domains.cart.contract import Write
from renga.domains.orders.jobs import jobs
from renga.domains.orders.reactions import cart_consumers, checkout_erasure_consumer
from renga.kernel.clock import rfc3339
from renga.kernel.events import Event
from renga.kernel.once import Once
from tests.orders.counter import ANA, READY, Counter


def event(type_: str, subject: str, **data: Any) -> Event:
    return Event(
        id=f"{subject}:{type_}",
        source="renga/tests",
        type=type_,
        subject=subject,
        time=rfc3339(0),
        data=data,
        sequence=1,
    )


async def test_each_consumer_hears_what_it_is_for(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    started, ended = cart_consumers(counter.checkouts.dependencies)
    erasures = checkout_erasure_consumer(counter.store)
    assert (set(started.patterns), set(ended.patterns), set(erasures.patterns)) == (
        {"cart.CheckoutStarted"}, {"cart.CartExpired", "cart.CartMerged"}, {"identity.AccountErased"},
    )  # fmt: skip
    one, two, own = (
        await counter.cart_of({"MUG": 1}),
        await counter.cart_of({"MUG": 1}),
        await counter.cart_of({"MUG": 1}, ANA),
    )
    for cart, who in ((one, None), (two, None), (own, ANA)):
        await counter.cart.carts.start_checkout(who or ANA, cart, Write())
        for _ in range(2):
            await started.handler([event("cart.CheckoutStarted", cart, cart_id=cart, version=3)])
    assert await counter.count("checkouts") == 3
    await ended.handler([
        event("cart.CartExpired", one, cart_id=one, version=4, lines=1),
        event("cart.CartMerged", own, cart_id=own, version=4, source_id=two),
    ])  # fmt: skip
    live = [await counter.store.live(cart) for cart in (one, two, own)]
    assert [found and found.cart_id for found in live] == [None, None, own]
    await erasures.handler([event("identity.AccountErased", "ana", account_id="ana")])
    assert (await counter.store.live(own), await counter.count("checkouts")) == (None, 2)


async def test_the_jobs_end_what_is_over_and_forget_what_is_old(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    made = await counter.start(await counter.cart_of({"MUG": 1}), **READY)
    dependencies = counter.checkouts.dependencies
    swept: list[int] = []

    async def sweep() -> int:
        swept.append(1)
        return 0

    async def run() -> None:
        found = jobs(counter.store, counter.clock, dependencies.new_id, kept_days=1, sweeps=[sweep])
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in found]
            for _ in range(100):
                await asyncio.sleep(0.02)
                record = await counter.store.checkout(made.id)
                if swept and (record is None or record.state != "open"):
                    break
            for task in tasks:
                task.cancel()

    counter.clock.advance(seconds=21_600)
    await run()
    record = await counter.store.checkout(made.id)
    assert record is not None
    assert (record.state, swept) == ("expired", [1])
    counter.clock.advance(seconds=2 * 86_400)
    swept.clear()
    await run()
    assert await counter.count("checkouts") == 0


async def test_old_answers_and_old_events_are_swept(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1})
    await counter.start(cart, once=Once(scope="guest", key="k", fingerprint=b"f"))
    await counter.store.start_heard(event("cart.CheckoutStarted", cart), None, [])
    assert (await counter.count("idempotency"), await counter.count("inbox")) == (1, 1)
    assert (await counter.store.sweep_answers(), await counter.store.sweep_heard()) == (0, 0)
    counter.clock.advance(seconds=31 * 86_400)
    assert (await counter.store.sweep_answers(), await counter.store.sweep_heard()) == (1, 1)
    assert (await counter.count("idempotency"), await counter.count("inbox")) == (0, 0)
