"""Rate limits: exact under races, on one server and on a cluster; burst, then sustained; open, and counted, without a store."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from renga.apps.modules import DECLARED
from renga.kernel.clock import ManualClock
from renga.platform.auth.principal import Principal
from renga.platform.ratelimit import redis as adapter
from renga.platform.ratelimit.classes import UNLIMITED, Proxies, RequestLimits, bucket
from renga.platform.ratelimit.headers import headers, refusal
from renga.platform.ratelimit.port import Limit, LimitDecision
from renga.platform.ratelimit.redis import FAILED_OPEN, RedisRateLimiter
from renga.platform.redis.client import HotRedis
from renga.platform.redis.errors import RedisTrouble
from renga.platform.settings import SettingsInvalid
from tests.modules import rate_limits


def limit(key: str = "account:alice", name: str = "write", per_minute: int = 60, burst: int = 5) -> Limit:
    return Limit(name=name, key=key, per_minute=per_minute, burst=burst)


@pytest.fixture
async def hot(redis_url: str) -> AsyncIterator[HotRedis]:
    redis = HotRedis(redis_url)
    yield redis
    await redis.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def limiter(hot: HotRedis, clock: ManualClock) -> RedisRateLimiter:
    return RedisRateLimiter(hot, clock=clock)


async def taken(limiter: RedisRateLimiter, *limits: Limit, cost: int = 1) -> LimitDecision:
    verdict = await limiter.take(limits, cost)
    assert verdict is not None
    return verdict


async def test_of_fifty_racers_exactly_the_burst_is_allowed(limiter: RedisRateLimiter) -> None:
    verdicts = await asyncio.gather(*(taken(limiter, limit(burst=17)) for _ in range(50)))
    assert sum(verdict.allowed for verdict in verdicts) == 17
    assert sorted(verdict.remaining for verdict in verdicts if verdict.allowed) == list(range(17))


async def test_of_racers_from_several_processes_exactly_the_burst_is_allowed(redis_url: str) -> None:
    clients = [HotRedis(redis_url) for _ in range(5)]
    clock = ManualClock()
    limiters = [RedisRateLimiter(client, clock=clock) for client in clients]
    verdicts = await asyncio.gather(*(taken(limiters[n % 5], limit(burst=17)) for n in range(50)))
    assert sum(verdict.allowed for verdict in verdicts) == 17
    for client in clients:
        await client.close()


async def test_after_the_burst_the_sustained_rate_holds(limiter: RedisRateLimiter, clock: ManualClock) -> None:
    one = limit(per_minute=60, burst=5)
    assert [(await taken(limiter, one)).allowed for _ in range(6)] == [True] * 5 + [False]
    for _ in range(3):
        clock.advance(ms=999)
        assert not (await taken(limiter, one)).allowed
        clock.advance(ms=1)
        assert (await taken(limiter, one)).allowed
        assert not (await taken(limiter, one)).allowed
    clock.advance(seconds=60)
    assert [(await taken(limiter, one)).allowed for _ in range(6)] == [True] * 5 + [False]


async def test_a_verdict_says_what_remains_when_it_is_whole_and_when_to_come_back(
    limiter: RedisRateLimiter, clock: ManualClock
) -> None:
    one = limit(per_minute=6, burst=2)
    first, second, third = [await taken(limiter, one) for _ in range(3)]
    assert (first.allowed, first.remaining, first.reset_s, first.retry_after_s) == (True, 1, 10, 0)
    assert (second.allowed, second.remaining, second.reset_s, second.retry_after_s) == (True, 0, 20, 0)
    assert (third.allowed, third.remaining, third.reset_s, third.retry_after_s) == (False, 0, 20, 10)
    clock.advance(ms=9_500)
    assert (await taken(limiter, one)).retry_after_s == 1


async def test_a_refused_request_is_not_counted(limiter: RedisRateLimiter, clock: ManualClock) -> None:
    one = limit(per_minute=60, burst=1)
    await taken(limiter, one)
    for _ in range(20):
        assert not (await taken(limiter, one)).allowed
    clock.advance(seconds=1)
    assert (await taken(limiter, one)).allowed


async def test_a_cost_counts_as_that_many_and_all_of_it_or_nothing(limiter: RedisRateLimiter) -> None:
    one = limit(burst=5)
    assert (await taken(limiter, one, cost=4)).remaining == 1
    assert not (await taken(limiter, one, cost=2)).allowed
    assert (await taken(limiter, one)).remaining == 0


@pytest.mark.parametrize("other", ["account:alice", "ip:192.0.2.1"])
async def test_several_limits_are_counted_all_or_none_of_one_caller_or_of_several(
    limiter: RedisRateLimiter, other: str
) -> None:
    wide, narrow = limit(name="key", burst=10), limit(key=other, name="import", burst=2)
    assert [(await taken(limiter, wide, narrow)).allowed for _ in range(4)] == [True, True, False, False]
    assert (await taken(limiter, wide)).remaining == 7
    refused = await taken(limiter, wide, narrow)
    assert (refused.limit, refused.allowed, refused.remaining) == (narrow, False, 0)


async def test_the_verdict_is_about_the_nearest_limit(limiter: RedisRateLimiter) -> None:
    wide, narrow = limit(name="key", burst=10), limit(name="import", burst=3)
    verdict = await taken(limiter, wide, narrow)
    assert (verdict.limit, verdict.remaining) == (narrow, 2)


async def test_racers_over_two_callers_limits_never_pass_more_than_either_allows(limiter: RedisRateLimiter) -> None:
    shared = limit(key="ip:192.0.2.1", burst=9)
    verdicts = await asyncio.gather(
        *(taken(limiter, limit(key=f"account:{n % 2}", name="own", burst=6), shared) for n in range(50))
    )
    allowed = sum(verdict.allowed for verdict in verdicts)
    assert 0 < allowed <= 9
    after = await asyncio.gather(*(taken(limiter, shared) for _ in range(20)))
    assert allowed + sum(verdict.allowed for verdict in after) == 9


async def test_callers_and_classes_do_not_share_a_limit(limiter: RedisRateLimiter) -> None:
    for one in (limit(), limit(key="account:bob"), limit(name="read")):
        assert [(await taken(limiter, one)).allowed for _ in range(6)] == [True] * 5 + [False]


async def test_what_is_whole_again_leaves_the_store(limiter: RedisRateLimiter, hot: HotRedis) -> None:
    await taken(limiter, limit(per_minute=600, burst=5))
    key = "rate:{account:alice}:write"
    assert 0 < await hot.call(key, "PTTL", key) <= 101


async def test_without_a_clock_the_servers_own_decides(hot: HotRedis) -> None:
    limiter = RedisRateLimiter(hot)
    verdicts = [await taken(limiter, limit(per_minute=1, burst=2)) for _ in range(3)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, False]
    assert 50 <= verdicts[2].retry_after_s <= 60


async def test_the_limits_of_one_caller_leave_in_one_command(
    limiter: RedisRateLimiter, hot: HotRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await taken(limiter, limit(), limit(name="key"))
    calls: list[tuple[str, ...]] = []
    real = hot.run

    async def run(script: Any, keys: tuple[str, ...], args: Any, **more: Any) -> Any:
        calls.append(keys)
        return await real(script, keys, args, **more)

    monkeypatch.setattr(hot, "run", run)
    await taken(limiter, limit(), limit(name="key"))
    assert calls == [("rate:{account:alice}:write", "rate:{account:alice}:key")]


async def test_without_a_store_requests_pass_and_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    away = HotRedis("redis://127.0.0.1:1", attempt_timeout_s=0.05, deadline_s=0.05)
    limiter = RedisRateLimiter(away)
    before = FAILED_OPEN._value.get()
    assert await limiter.take((limit(),)) is None
    asked: list[str] = []
    monkeypatch.setattr(away, "run", lambda *_, **__: asked.append("asked"))
    assert [await limiter.take((limit(),)) for _ in range(9)] == [None] * 9
    assert asked == []
    assert FAILED_OPEN._value.get() == before + 10
    await away.close()


async def test_the_store_is_asked_again_after_an_outage(
    limiter: RedisRateLimiter, hot: HotRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "OPEN_S", 0.0)
    with monkeypatch.context() as patched:
        patched.setattr(hot, "run", _fail)
        assert await limiter.take((limit(),)) is None
    assert (await taken(limiter, limit())).remaining == 4


async def _fail(*_: Any, **__: Any) -> Any:
    raise RedisTrouble("away")


def test_the_headers_are_those_of_the_draft() -> None:
    one = limit(name="cart_write", per_minute=1_200, burst=240)
    allowed = LimitDecision(allowed=True, limit=one, remaining=239, reset_s=1, retry_after_s=0)
    refused = LimitDecision(allowed=False, limit=one, remaining=0, reset_s=12, retry_after_s=1)
    policy = (b"ratelimit-policy", b'"cart_write";q=240;w=12')
    assert headers(allowed) == [policy, (b"ratelimit", b'"cart_write";r=239;t=1')]
    assert headers(refused) == [policy, (b"ratelimit", b'"cart_write";r=0;t=1')]
    error = refusal(refused)
    assert (error.code, error.retry_after_s, error.extra) == ("rate_limited", 1, {"policy": "cart_write"})


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_an_address_counts_as_what_one_subscriber_has(address: str, counted: str) -> None:
    assert bucket(address) == counted


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("198.51.100.9", "203.0.113.1", "198.51.100.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.1, 10.0.0.2", "203.0.113.1"),
        ("10.0.0.1", "1.1.1.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
    ],
)
def test_only_a_proxy_of_ours_may_say_who_the_caller_is(peer: str, forwarded: str | None, found: str) -> None:
    assert Proxies(("10.0.0.0/8",)).address(peer, forwarded) == found


def test_without_trusted_proxies_the_header_means_nothing() -> None:
    assert Proxies(()).address("10.0.0.1", "203.0.113.1") == "10.0.0.1"


def test_a_proxy_that_is_no_network_is_refused_at_start() -> None:
    with pytest.raises(SettingsInvalid, match="trusted_proxies"):
        Proxies(("10.0.0.1/8",))


def test_who_counts_as_one_caller() -> None:
    limits = RequestLimits(rate_limits(), DECLARED.rate_classes)
    token = Principal(subject="alice", scopes=frozenset())
    key = Principal(subject="alice", scopes=frozenset(), kind="api_key", key_id="k1", limit=(90, 9))

    def names(route_class: str, principal: Principal | None) -> list[tuple[str, str]]:
        return [(one.name, one.key) for one in limits.of(route_class, principal, "192.0.2.1")]

    assert names("read", None) == [("read", "ip:192.0.2.1")]
    assert names("cart_write", token) == [("cart_write", "account:alice")]
    assert names("cart_write", key) == [("key", "key:k1")]
    assert names("import", key) == [("key", "key:k1"), ("import", "key:k1")]
    assert names("login", token) == [("login", "ip:192.0.2.1")]
    assert names("none", key) == []
    own = limits.of("read", key, "192.0.2.1")[0]
    assert (own.per_minute, own.burst) == (90, 9)


def test_every_class_has_a_rate() -> None:
    limits = RequestLimits(rate_limits(), DECLARED.rate_classes)
    for route_class in (UNLIMITED, *(one.name for one in DECLARED.rate_classes)):
        assert len(limits.of(route_class, None, "192.0.2.1")) == (route_class != "none")
