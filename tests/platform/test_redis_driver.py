"""The redis-py client of a cluster: connections that close under it."""

from typing import Any

import pytest
from redis.asyncio.cluster import RedisCluster

from renga.platform.redis.driver import CLUSTER_RETRIES_MAX, REDIS_ERRORS, make_client


class Closing:
    """In place of redis-py's sending: the first ``times`` find their connection closed by somebody else."""

    def __init__(self, times: int) -> None:
        self.left, self.calls = times, 0

    async def execute_command(self, *_: Any, **__: Any) -> str:
        self.calls += 1
        if self.left:
            self.left -= 1
            writer: Any = None
            writer.writelines(b"")
        return "answer"


async def test_what_was_not_sent_because_its_connection_was_closed_is_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closing = Closing(1)
    monkeypatch.setattr(RedisCluster, "execute_command", closing.execute_command)
    assert await make_client("redis+cluster://127.0.0.1:1").execute_command("GET", "a") == "answer"
    assert closing.calls == 2


async def test_connections_that_are_closed_again_and_again_are_an_error_of_redis(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closing = Closing(100)
    monkeypatch.setattr(RedisCluster, "execute_command", closing.execute_command)
    with pytest.raises(REDIS_ERRORS):
        await make_client("redis+cluster://127.0.0.1:1").execute_command("GET", "a")
    assert closing.calls == CLUSTER_RETRIES_MAX


async def test_any_other_missing_attribute_is_a_fault_and_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    async def faulty(*_: Any, **__: Any) -> None:
        object().writelines  # type: ignore[attr-defined] # noqa: B018 # the fault

    monkeypatch.setattr(RedisCluster, "execute_command", faulty)
    with pytest.raises(AttributeError):
        await make_client("redis+cluster://127.0.0.1:1").execute_command("GET", "a")
