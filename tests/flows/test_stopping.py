"""A shop that loses an engine, and one that is told twice to stop: no traceback, nothing left behind."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from renga.platform.engines.supervisor import RestartLimit
from tests.flows.shop import Shop

WAIT_S = 60.0


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    try:
        running.start()
        yield running
    finally:
        running.kill()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


def engine_pid(shop: Shop, engine: str) -> int:
    """Of an engine's newest process, as the shop's log names it."""
    lines = [line for line in shop.log().splitlines() if "engine_started" in line and f"engine={engine}" in line]
    return int(lines[-1].partition("pid=")[2].split()[0])


def started_times(shop: Shop, engine: str, times: int) -> bool:
    return sum("engine_started" in line and f"engine={engine}" in line for line in shop.log().splitlines()) == times


def test_a_killed_engine_comes_back_and_two_signals_stop_the_shop_without_a_traceback(shop: Shop) -> None:
    for engine in ("postgres", "valkey"):
        os.kill(engine_pid(shop, engine), signal.SIGKILL)
        wait_for(partial(started_times, shop, engine, 2))
    wait_for(lambda: httpx.get(f"{shop.url}/readyz").status_code == 200)
    os.kill(engine_pid(shop, "postgres"), signal.SIGKILL)
    shop.signal(signal.SIGTERM)
    time.sleep(0.2)
    shop.signal(signal.SIGTERM)
    shop.signal(signal.SIGINT)
    assert shop.ended() == (0, [])
    assert "Traceback" not in shop.log()


def test_an_engine_that_ends_again_and_again_ends_the_shop_in_one_line(shop: Shop) -> None:
    for ends in range(1, RestartLimit().restarts_max + 2):
        wait_for(partial(started_times, shop, "valkey", ends))
        os.kill(engine_pid(shop, "valkey"), signal.SIGKILL)
    wait_for(lambda: "engine_given_up" in shop.log())
    assert shop.ended() == (1, [])
    assert shop.log().splitlines()[-1].startswith("renga: valkey ended 6 times within 60 s")
    assert "Traceback" not in shop.log()
