"""Batches of the largest size: distinct codes, found by one index read."""

from typing import Any

import pytest

from renga.domains.pricing.contract import CODES_PER_BATCH_MAX, CodeBatchDraft, CodeBatchNotFound, PromotionInvalid
from renga.domains.pricing.model.coupon_codes import ALPHABET, code_digest, codes_of
from renga.domains.pricing.stores.codes import WRITE_S
from tests.pricing.house import MANAGER, House
from tests.pricing.shop import percent


def test_codes_depend_on_the_seed_and_the_secret() -> None:
    first = list(codes_of(b"seed", b"secret", "A-", 50))
    assert first == list(codes_of(b"seed", b"secret", "A-", 50))
    assert len({*first, *codes_of(b"other", b"secret", "A-", 50), *codes_of(b"seed", b"other", "A-", 50)}) == 150
    assert set("".join(code[2:] for code in first)) <= set(ALPHABET)
    assert len(set(ALPHABET)) == 32


async def test_100_000_codes_at_once_and_a_lookup_is_one_index_read(house: House) -> None:
    coupon = await house.promote(percent(1000), code_batches=True)
    batch, _ = await house.pricing.make_codes(MANAGER, coupon.id, CodeBatchDraft(count=CODES_PER_BATCH_MAX))
    codes = await house.pricing.codes(MANAGER, coupon.id, batch.id)
    assert len(set(codes)) == CODES_PER_BATCH_MAX
    found = await house.pricing.dependencies.codes.find([code_digest(codes[77_777]), code_digest("NOTHING")])
    assert [one.promotion for one in found.values()] == [coupon.id]
    await house.pool.execute("ANALYZE pricing.single_use_codes")
    plan = await house.pool.fetch(
        "EXPLAIN SELECT promotion FROM pricing.single_use_codes WHERE digest = ANY($1::bytea[])",
        [code_digest(codes[0])],
    )
    assert "single_use_codes_pkey" in plan[0][0]


async def test_codes_of_another_secret_cannot_be_listed_but_stay_valid(house: House) -> None:
    import msgspec

    coupon = await house.promote(percent(1000), code_batches=True)
    batch, _ = await house.pricing.make_codes(MANAGER, coupon.id, CodeBatchDraft(count=1))
    (code,) = await house.pricing.codes(MANAGER, coupon.id, batch.id)
    dependencies = msgspec.structs.replace(house.pricing.dependencies, secret=b"another")
    changed = msgspec.structs.replace(house.pricing, dependencies=dependencies)
    with pytest.raises(CodeBatchNotFound):
        await changed.codes(MANAGER, coupon.id, batch.id)
    await changed.redeem(house.hold("k", coupon, code=code))


async def test_a_prefix_is_what_a_buyer_can_type(house: House) -> None:
    coupon = await house.promote(percent(1000), code_batches=True)
    for prefix in ("VIP-\n", "vip", "V P", "\u0001"):
        with pytest.raises(PromotionInvalid):
            await house.pricing.make_codes(MANAGER, coupon.id, CodeBatchDraft(count=1, prefix=prefix))
    assert await house.pricing.code_batches(MANAGER, coupon.id) == ()


async def test_a_large_batch_has_longer_than_other_statements(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncpg

    given: list[float | None] = []
    copy = asyncpg.Connection.copy_records_to_table

    async def seen(self: Any, *parts: Any, **more: Any) -> str:
        given.append(more.get("timeout"))
        return str(await copy(self, *parts, **more))

    monkeypatch.setattr(asyncpg.Connection, "copy_records_to_table", seen)
    coupon = await house.promote(percent(1000), code_batches=True)
    await house.pricing.make_codes(MANAGER, coupon.id, CodeBatchDraft(count=2))
    assert given == [WRITE_S]
