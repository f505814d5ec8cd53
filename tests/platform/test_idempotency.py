"""Idempotency of SQL domains: one fact per key, in the transaction of the fact; answers that only the key opens; sweeping."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from renga.kernel.once import IdempotencyConflict, Once
from renga.platform.idempotency.postgres import KEPT_MS, AnswerLost, IdempotentAnswers
from renga.platform.postgres.pool import open_pool

ONCE = Once(scope="ana", key="0b6b0a52", fingerprint=b"the request")
NOW_MS = 1_700_000_000_000


@pytest.fixture
async def pool(empty_database_url: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    pool = await open_pool(empty_database_url)
    await pool.execute("CREATE SCHEMA shop")
    await pool.execute(
        "CREATE TABLE shop.idempotency (id bytea PRIMARY KEY, fingerprint bytea NOT NULL, answer bytea, made_ms bigint)"
    )
    await pool.execute("CREATE TABLE shop.facts (number bigint GENERATED ALWAYS AS IDENTITY)")
    yield pool
    await pool.close()


async def fact(
    pool: "asyncpg.Pool[asyncpg.Record]", answers: IdempotentAnswers, once: Once, *, fail: bool = False
) -> bytes:
    """A write that makes one fact and answers with its number."""
    async with pool.acquire() as connection, connection.transaction():
        known = await answers.claim(connection, once, NOW_MS)
        if known is not None:
            return known
        number = await connection.fetchval("INSERT INTO shop.facts DEFAULT VALUES RETURNING number")
        if fail:
            raise RuntimeError("the work failed")
        answer = f"fact {number}".encode()
        await answers.keep(connection, once, answer)
        return answer


async def count(pool: "asyncpg.Pool[asyncpg.Record]", table: str) -> int:
    return int(await pool.fetchval(f"SELECT count(*) FROM shop.{table}"))


async def test_of_many_at_once_one_makes_the_fact_and_all_get_its_answer(
    pool: "asyncpg.Pool[asyncpg.Record]",
) -> None:
    answers = IdempotentAnswers("shop", b"secret")
    found = await asyncio.gather(*(fact(pool, answers, ONCE) for _ in range(8)))
    assert set(found) == {b"fact 1"}
    assert await count(pool, "facts") == 1


async def test_work_that_failed_leaves_its_key_free(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    answers = IdempotentAnswers("shop", b"secret")
    with pytest.raises(RuntimeError):
        await fact(pool, answers, ONCE, fail=True)
    assert (await count(pool, "facts"), await count(pool, "idempotency")) == (0, 0)
    assert await fact(pool, answers, ONCE) == b"fact 2"


async def test_who_waits_for_work_that_fails_does_it_herself(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    answers = IdempotentAnswers("shop", b"secret")
    done = await asyncio.gather(
        *(fact(pool, answers, ONCE, fail=number == 0) for number in range(4)), return_exceptions=True
    )
    assert sum(isinstance(one, RuntimeError) for one in done) <= 1
    assert len({one for one in done if isinstance(one, bytes)}) == 1
    assert await count(pool, "facts") == 1


async def test_the_same_key_with_another_request_is_refused(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    answers = IdempotentAnswers("shop", b"secret")
    await fact(pool, answers, ONCE)
    with pytest.raises(IdempotencyConflict):
        await fact(pool, answers, Once(scope="ana", key=ONCE.key, fingerprint=b"another"))
    assert await fact(pool, answers, Once(scope="eva", key=ONCE.key, fingerprint=b"another")) == b"fact 2"


async def test_neither_the_key_nor_the_answer_can_be_read_in_the_table(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    await fact(pool, IdempotentAnswers("shop", b"secret"), ONCE)
    row = await pool.fetchrow("SELECT id, answer FROM shop.idempotency")
    assert row is not None
    assert ONCE.key.encode() not in row["id"] + row["answer"]
    assert b"fact 1" not in row["answer"]
    assert await fact(pool, IdempotentAnswers("shop", b"another secret"), ONCE) == b"fact 2"


async def test_an_answer_that_was_tampered_with_is_not_given_out(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    answers = IdempotentAnswers("shop", b"secret")
    await fact(pool, answers, ONCE)
    await pool.execute("UPDATE shop.idempotency SET answer = answer || 'x'::bytea")
    with pytest.raises(AnswerLost):
        await fact(pool, answers, ONCE)
    assert await count(pool, "facts") == 1


async def test_answers_are_forgotten_after_a_day_and_not_before(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    answers = IdempotentAnswers("shop", b"secret")
    await fact(pool, answers, ONCE)
    async with pool.acquire() as connection:
        assert await answers.sweep(connection, NOW_MS + KEPT_MS) == 0
        assert await fact(pool, answers, ONCE) == b"fact 1"
        assert await answers.sweep(connection, NOW_MS + KEPT_MS + 1) == 1
    assert await fact(pool, answers, ONCE) == b"fact 2"


def test_a_schema_is_a_plain_name() -> None:
    with pytest.raises(ValueError, match="not a schema name"):
        IdempotentAnswers("shop; DROP TABLE x", b"secret")
