"""One after another by key, others at the same time, and nothing is kept."""

import asyncio

import pytest

from renga.platform.turns import Turns


async def test_turns_of_one_key_follow_each_other_and_others_do_not_wait() -> None:
    turns, said = Turns(), list[str]()

    async def work(key: str, name: str) -> None:
        async with turns.turn(key) as waited:
            said.append(f"{name} begins{' after others' if waited else ''}")
            await asyncio.sleep(0)
            said.append(f"{name} ends")

    await asyncio.gather(work("a", "1"), work("a", "2"), work("b", "3"))
    assert said == ["1 begins", "3 begins", "1 ends", "3 ends", "2 begins after others", "2 ends"]
    assert len(turns._locks) == 0


async def test_an_error_ends_a_turn() -> None:
    turns = Turns()
    for _ in range(2):
        with pytest.raises(ValueError, match="x"):
            async with turns.turn("a"):
                raise ValueError("x")
