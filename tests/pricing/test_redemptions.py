"""Redemptions on PostgreSQL: limits hold whoever comes at once, dead checkouts give back, keys are idempotent."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from typing import Any

import msgspec
import pytest

from renga.domains.identity.contract.events import AccountErased
from renga.domains.pricing.contract import (
    CodeBatch,
    CodeBatchDraft,
    CouponExhausted,
    CouponUsed,
    Promotion,
    PromotionNotFound,
    PromotionUse,
    RedemptionEnded,
    RedemptionNotFound,
)
from renga.domains.pricing.expire_redemptions import RELEASED_KEPT_MS, expire_redemptions, forget_redemptions
from renga.domains.pricing.ports import StoredBatch
from renga.domains.pricing.reactions import erasure_consumer
from renga.domains.pricing.stores.redemptions import PostgresRedemptions
from renga.kernel.errors import Invalid, Unavailable
from renga.kernel.events import Event
from renga.kernel.money import Money
from renga.kernel.once import IdempotencyConflict
from renga.platform.postgres.pool import open_pool
from tests.pricing.house import MANAGER, House, draft
from tests.pricing.shop import percent


async def outcome(house: House, key: str, *promotions: Promotion, **more: Any) -> str:
    try:
        await house.pricing.redeem(house.hold(key, *promotions, **more))
    except (CouponExhausted, CouponUsed) as refused:
        return refused.code
    return "held"


async def uses(house: House, promotion: Promotion) -> int:
    query = "SELECT uses FROM pricing.uses WHERE promotion = $1::text::uuid"
    return int(await house.pool.fetchval(query, promotion.id))


async def test_200_checkouts_redeem_a_coupon_of_50_exactly_50_times(house: House) -> None:
    coupon = await house.promote(percent(1000), codes=["FIFTY"], limits={"uses": 50})
    told = Counter(await asyncio.gather(*(outcome(house, f"checkout {n}", coupon, code="FIFTY") for n in range(200))))
    assert told == {"held": 50, "coupon_exhausted": 150}
    assert await uses(house, coupon) == 50
    assert await house.event_types() == ["PromotionChanged", "PromotionExhausted"]


async def test_a_limit_holds_while_others_give_back_and_commit(house: House) -> None:
    """Several promotions in one checkout, in any order, while some are released at once: no deadlock, never above the limit."""
    few = await house.promote(percent(100), limits={"uses": 20})
    more = await house.promote(percent(200), limits={"uses": 35})

    async def checkout(number: int) -> str:
        pair = (few, more) if number % 2 else (more, few)
        told = await outcome(house, f"c{number}", *pair)
        if told == "held" and number % 3 == 0:
            await house.pricing.release(f"c{number}")
            return "released"
        if told == "held":
            await house.pricing.commit(f"c{number}")
        return told

    told = Counter(await asyncio.gather(*(checkout(n) for n in range(120))))
    assert told["held"] <= 20
    assert await uses(house, few) == told["held"] == await uses(house, more)
    left = Counter(await asyncio.gather(*(outcome(house, f"again {n}", few) for n in range(40))))
    assert left["held"] == 20 - told["held"]


async def test_two_processes_hold_one_limit_together(house: House, database_url: str) -> None:
    coupon = await house.promote(percent(1000), limits={"uses": 7})
    other = await open_pool(database_url)
    try:
        far = msgspec.structs.replace(house.pricing.dependencies, redemptions=PostgresRedemptions(other))
        second = msgspec.structs.replace(house.pricing, dependencies=far)

        async def there(number: int) -> str:
            try:
                await second.redeem(house.hold(f"there {number}", coupon))
            except CouponExhausted as refused:
                return refused.code
            return "held"

        told = await asyncio.gather(*(outcome(house, f"here {n}", coupon) for n in range(20)), *map(there, range(20)))
    finally:
        await other.close()
    assert Counter(told) == {"held": 7, "coupon_exhausted": 33}


async def test_a_customer_uses_it_as_often_as_one_may(house: House) -> None:
    coupon = await house.promote(percent(1000), limits={"uses_per_customer": 2})
    told = await asyncio.gather(*(outcome(house, f"ana {n}", coupon, customer="ana") for n in range(10)))
    assert Counter(told) == {"held": 2, "coupon_exhausted": 8}
    assert await outcome(house, "bia", coupon, customer="bia") == "held"
    assert await outcome(house, "guest", coupon) == "coupon_exhausted"


async def test_a_refused_redemption_holds_nothing(house: House) -> None:
    first = await house.promote(percent(100), limits={"uses": 5})
    full = await house.promote(percent(100), limits={"uses": 1})
    await house.pricing.redeem(house.hold("a", full))
    assert await outcome(house, "b", first, full) == "coupon_exhausted"
    assert await uses(house, first) == 0
    assert await outcome(house, "b", first) == "held"


async def test_a_key_is_idempotent(house: House) -> None:
    coupon = await house.promote(percent(1000), limits={"uses": 9})
    other = await house.promote(percent(500))
    await asyncio.gather(*(house.pricing.redeem(house.hold("k", coupon)) for _ in range(5)))
    assert await uses(house, coupon) == 1
    with pytest.raises(IdempotencyConflict):
        await house.pricing.redeem(house.hold("k", other))
    with pytest.raises(IdempotencyConflict):
        await house.pricing.redeem(house.hold("k", coupon, customer="ana"))
    await house.pricing.commit("k")
    await house.pricing.commit("k")
    await house.pricing.redeem(house.hold("k", coupon))
    assert await uses(house, coupon) == 1
    with pytest.raises(RedemptionEnded):
        await house.pricing.release("k")
    assert [kind for kind in await house.event_types() if kind != "PromotionChanged"] == ["PromotionsRedeemed"]


async def test_what_is_released_is_free_again_and_its_key_has_ended(house: House) -> None:
    coupon = await house.promote(percent(1000), limits={"uses": 1, "uses_per_customer": 1})
    await house.pricing.redeem(house.hold("k", coupon, customer="ana"))
    await asyncio.gather(*(house.pricing.release("k") for _ in range(4)))
    for late in (house.pricing.commit("k"), house.pricing.redeem(house.hold("k", coupon, customer="ana"))):
        with pytest.raises(RedemptionEnded):
            await late
    assert await outcome(house, "other", coupon, customer="ana") == "held"
    assert (await house.event_types()).count("PromotionsReleased") == 1


async def test_a_release_that_overtakes_its_redemption_wins(house: House) -> None:
    coupon = await house.promote(percent(1000), limits={"uses": 1})
    await house.pricing.release("k")
    with pytest.raises(RedemptionEnded):
        await house.pricing.redeem(house.hold("k", coupon))
    with pytest.raises(RedemptionNotFound):
        await house.pricing.commit("nobody")
    assert await uses(house, coupon) == 0


async def test_a_dead_checkout_gives_back_once_and_only_after_its_deadline(house: House) -> None:
    dependencies = house.pricing.dependencies
    coupon = await house.promote(percent(1000), limits={"uses": 2})
    await house.pricing.redeem(house.hold("dead", coupon, minutes=5))
    await house.pricing.redeem(house.hold("placed", coupon, minutes=5))
    await house.pricing.commit("placed")
    assert await expire_redemptions(dependencies) == (0, 0)
    house.clock.advance(seconds=301)
    freed = await asyncio.gather(*(expire_redemptions(dependencies) for _ in range(4)))
    assert sum(count for _, count in freed) == 1
    assert await uses(house, coupon) == 1
    assert await outcome(house, "next", coupon) == "held"
    with pytest.raises(RedemptionEnded):
        await house.pricing.commit("dead")


async def test_released_redemptions_are_forgotten_when_they_are_old(house: House) -> None:
    await house.pricing.release("old")
    assert await forget_redemptions(house.pricing.dependencies) == 0
    house.clock.advance(ms=RELEASED_KEPT_MS + 1)
    assert await forget_redemptions(house.pricing.dependencies) == 1


async def test_a_limit_that_comes_later_counts_earlier_uses(house: House) -> None:
    coupon = await house.promote(percent(1000))
    for number in range(3):
        await house.pricing.redeem(house.hold(f"before {number}", coupon, customer="ana"))
    await house.pricing.release("before 0")
    limited = draft(percent(1000), limits={"uses": 4, "uses_per_customer": 3})
    await house.pricing.replace_promotion(MANAGER, coupon.id, limited)
    told = Counter([await outcome(house, f"after {number}", coupon, customer="ana") for number in range(4)])
    assert told == {"held": 1, "coupon_exhausted": 3}


async def test_a_limit_that_comes_during_a_rush_holds(house: House) -> None:
    coupon = await house.promote(percent(1000))

    async def rush() -> list[str]:
        return list(await asyncio.gather(*(outcome(house, f"r{n}", coupon) for n in range(60))))

    async def limit() -> None:
        await asyncio.sleep(0.02)
        await house.pricing.replace_promotion(MANAGER, coupon.id, draft(percent(1000), limits={"uses": 60}))

    told, _ = await asyncio.gather(rush(), limit())
    assert told.count("held") == 60 == await uses(house, coupon)


async def test_what_is_no_redemption_is_refused(house: House) -> None:
    coupon = await house.promote(percent(1000))
    with pytest.raises(PromotionNotFound):
        await house.pricing.redeem(house.hold("k", msgspec.structs.replace(coupon, id="nothing")))
    gone = "01900000-0000-7000-8000-000000000000"
    with pytest.raises(PromotionNotFound):
        await house.pricing.redeem(house.hold("k", msgspec.structs.replace(coupon, id=gone)))
    for bad in (house.hold("", coupon), house.hold("k" * 201, coupon), house.hold("k", coupon, coupon)):
        with pytest.raises(Invalid):
            await house.pricing.redeem(bad)
    assert await house.pool.fetchval("SELECT count(*) FROM pricing.redemptions") == 0


async def test_an_erased_person_is_forgotten_and_uses_in_all_stay_counted(house: House) -> None:
    coupon = await house.promote(percent(1000), limits={"uses": 3, "uses_per_customer": 2})
    for key, customer in (("a", "ana"), ("b", "ana"), ("c", "bia")):
        await house.pricing.redeem(house.hold(key, coupon, customer=customer))
    await house.pricing.commit("a")
    erased = Event(
        id="erased-ana", source="renga/identity", type=AccountErased.TYPE, subject="ana", time="2026-11-30T12:00:00Z",
        data={"account_id": "ana"}, sequence=9,
    )  # fmt: skip
    consumer = erasure_consumer(house.pricing.dependencies)
    await consumer.handler([erased])
    await consumer.handler([erased])
    rows = await house.pool.fetch("SELECT key, customer FROM pricing.redemptions ORDER BY key")
    assert [tuple(row) for row in rows] == [("a", None), ("b", None), ("c", "bia")]
    counts = await house.pool.fetch("SELECT customer, uses FROM pricing.customer_uses")
    assert ([tuple(row) for row in counts], await uses(house, coupon)) == ([("bia", 1)], 3)
    await house.pricing.release("b")
    assert await uses(house, coupon) == 2


async def test_codes_and_limits_together_never_wait_in_a_circle(house: House) -> None:
    """Two codes in one checkout, freed and taken at once by many: each round ends with exactly one holder."""
    first, second = [
        await house.promote(percent(100), code_batches=True, limits={"uses": 1, "uses_per_customer": 1})
        for _ in range(2)
    ]
    codes: list[str] = []
    for promotion in (first, second):
        batch, _ = await house.pricing.make_codes(MANAGER, promotion.id, CodeBatchDraft(count=1))
        codes += await house.pricing.codes(MANAGER, promotion.id, batch.id)
    uses_ = tuple(
        PromotionUse(promotion=one.id, discount=Money(1, "BRL"), code=code)
        for one, code in zip((second, first), reversed(codes), strict=True)
    )

    async def checkout(number: int) -> int:
        hold = msgspec.structs.replace(house.hold(f"c{number}", customer="ana"), uses=uses_)
        try:
            await house.pricing.redeem(hold)
        except (CouponExhausted, CouponUsed):
            return 0
        await house.pricing.release(f"c{number}")
        return 1

    held = sum(await asyncio.gather(*(checkout(number) for number in range(60))))
    assert held >= 1
    assert (await uses(house, first), await uses(house, second)) == (0, 0)
    used = await house.pool.fetchval("SELECT count(*) FROM pricing.single_use_codes WHERE redemption IS NOT NULL")
    assert used == 0


async def test_codes_for_a_promotion_that_is_removed_meanwhile_are_not_made(house: House) -> None:
    coupon = await house.promote(percent(100), code_batches=True)
    batch = CodeBatch(id=coupon.id, promotion="01900000-0000-7000-8000-000000000000", count=1)
    with pytest.raises(PromotionNotFound):
        await house.pricing.dependencies.codes.add(StoredBatch(batch=batch, seed=b"s"), [b"d" * 16], None, 1)
    same = StoredBatch(batch=msgspec.structs.replace(batch, promotion=coupon.id), seed=b"s")
    with pytest.raises(Unavailable):
        await house.pricing.dependencies.codes.add(same, [b"d" * 16, b"d" * 16], None, 1)
    assert await house.pool.fetchval("SELECT count(*) FROM pricing.code_batches") == 0


async def test_workers_that_are_killed_midway_free_each_dead_checkout_once(house: House, database_url: str) -> None:
    """Beside checkouts that commit, release and redeem meanwhile."""
    coupon = await house.promote(percent(1000), limits={"uses": 400, "uses_per_customer": 400})
    for number in range(360):
        await house.pricing.redeem(house.hold(f"c{number}", coupon, customer="ana", minutes=1 if number < 300 else 60))
    house.clock.advance(seconds=120)
    for killed, delay_s in enumerate((0.05, 0.15, 0.0)):
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.pricing.expirer", database_url, str(house.clock.now_ms()), stdout=PIPE
        )
        assert worker.stdout is not None
        assert await worker.stdout.readline() == b"ready\n"
        ended = asyncio.gather(*(_end(house, f"c{number}", number) for number in range(killed * 20, killed * 20 + 20)))
        await asyncio.sleep(delay_s)
        worker.kill()
        await worker.wait()
        await ended
    while (await expire_redemptions(house.pricing.dependencies))[0]:
        pass
    rows = await house.pool.fetch("SELECT state, count(*) FROM pricing.redemptions GROUP BY state")
    states = {row[0]: row[1] for row in rows}
    counted = states["held"] + states.get("committed", 0)
    assert states["held"] == 60
    assert await uses(house, coupon) == counted
    of_ana = await house.pool.fetchval(
        "SELECT uses FROM pricing.customer_uses WHERE promotion = $1::text::uuid", coupon.id
    )
    assert of_ana == counted
    events = Counter(event.subject for event in await house.events() if event.type.endswith("PromotionsReleased"))
    assert set(events.values()) == {1}
    assert len(events) == states["released"]


async def _end(house: House, key: str, number: int) -> None:
    """As the checkout would, just when it dies."""
    try:
        await (house.pricing.commit(key) if number % 2 else house.pricing.release(key))
    except RedemptionEnded:
        assert number % 2, "what was released may be released again"
