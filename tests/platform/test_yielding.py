"""A long loop gives way after so much CPU time, a short one not at all; a body of too many objects is refused unread."""

import asyncio
import time
from typing import Annotated, Any

import httpx
import msgspec
import pytest
from litestar import Litestar, post
from litestar.params import Body

from renga.platform.auth.access import PUBLIC
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.json_bounds import CONTAINERS_MAX, JsonTooComplex, check_containers
from renga.platform.yielding import TURN_MS, Yielding
from tests.loop_watch import STEP_MS_MAX, LoopWatch
from tests.platform.gated import GatedApp


def work(ms: float) -> None:
    until = time.thread_time() + ms / 1_000
    while time.thread_time() < until:
        pass


async def test_a_long_loop_gives_way_and_says_so_to_nobody_who_has_time_left() -> None:
    seen: list[str] = []

    async def other() -> None:
        while True:
            seen.append("other")
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    await asyncio.sleep(0)
    yielding, before = Yielding(), len(seen)
    for _ in range(100):
        await yielding.turn()
    assert len(seen) == before
    for _ in range(10):
        work(TURN_MS)
        assert yielding.is_due
        await yielding.turn()
        assert not yielding.is_due
    assert len(seen) == before + 10
    beside.cancel()


async def test_the_watch_sees_what_does_not_give_way() -> None:
    async def greedy(ms: float) -> None:
        work(ms)

    async def polite() -> None:
        yielding = Yielding()
        for _ in range(30):
            work(8)
            await yielding.turn()

    watch = LoopWatch()
    await watch.over(polite())
    watch.check()
    watch = LoopWatch()
    await watch.over(greedy(STEP_MS_MAX + 10))
    with pytest.raises(AssertionError, match="without giving way"):
        watch.check()


def test_brackets_are_counted() -> None:
    check_containers(b"[" + b"[],{}," * (CONTAINERS_MAX // 2 - 1) + b"1]")
    for text in (b"[" + b"[]," * CONTAINERS_MAX + b"1]", b"[" + b"{}," * CONTAINERS_MAX + b"1]"):
        with pytest.raises(JsonTooComplex):
            check_containers(text)
    check_containers(b'"' + b"x" * 1_000_000 + b'"')


class Thing(msgspec.Struct):
    parts: list[Any]


async def test_a_body_that_the_framework_reads_is_bounded_too() -> None:
    read: list[int] = []

    @post("/v1/things", opt={"access": PUBLIC}, status_code=200)
    async def things(data: Annotated[Thing, Body()]) -> None:
        read.append(len(data.parts))

    gate = GatedApp().gate
    app = Litestar(
        [gate.behind([things])], exception_handlers=EXCEPTION_HANDLERS, openapi_config=None, logging_config=None
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as client:  # type: ignore[arg-type]  # an ASGI app like any
        assert (await client.post("/v1/things", json={"parts": [[]] * 1_000})).status_code == 200
        watch = LoopWatch()
        body = b'{"parts":[' + b",".join([b"[[]]"] * 200_000) + b"]}"
        refused = await watch.over(
            client.post("/v1/things", content=body, headers={"Content-Type": "application/json"})
        )
    assert (refused.status_code, refused.json()["code"], read) == (400, "json_too_complex", [1_000])
    watch.check()
