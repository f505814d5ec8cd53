"""Web sessions: what every implementation promises, then what only the store on Redis can get wrong."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest

from renga.kernel.clock import ManualClock, SystemClock
from renga.kernel.errors import Unavailable
from renga.kernel.ids import id_source
from renga.platform.redis.client import HotRedis
from renga.platform.redis.driver import make_client
from renga.platform.sessions.port import Session, Sessions
from renga.platform.sessions.redis import GRACE_MS, SESSIONS_MAX, RedisSessions
from tests.conftest import _redis as emptied
from tests.engines.registry import Registry
from tests.platform.fake_sessions import MemorySessions

IDLE_S, ABSOLUTE_S = 3_600, 36_000
ACCOUNT = "01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a10"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def hot(redis_url: str) -> AsyncIterator[HotRedis]:
    redis = HotRedis(redis_url)
    yield redis
    await redis.close()


@pytest.fixture
def stored(hot: HotRedis, clock: ManualClock) -> RedisSessions:
    return RedisSessions(hot, new_id=id_source(SystemClock()), clock=clock, idle_s=IDLE_S, absolute_s=ABSOLUTE_S)


@pytest.fixture(params=["memory", "valkey", "redis7", "cluster"])
async def sessions(request: pytest.FixtureRequest, clock: ManualClock, engines: Registry) -> AsyncIterator[Sessions]:
    lives = {"idle_s": IDLE_S, "absolute_s": ABSOLUTE_S}
    if request.param == "memory":
        yield MemorySessions(new_id=id_source(SystemClock()), clock=clock, **lives)
        return
    redis = HotRedis(emptied(engines, request.param, request.node.nodeid))
    yield RedisSessions(redis, new_id=id_source(SystemClock()), clock=clock, **lives)
    await redis.close()


async def log_in(sessions: Sessions, account: str = ACCOUNT) -> tuple[str, Session]:
    secret, session = await sessions.start(address="192.0.2.1", agent="browser")
    secret = await sessions.rotate(secret, msgspec.structs.replace(session, account_id=account, amr=("pwd",)))
    found = await sessions.read(secret)
    assert found is not None
    return secret, found


async def test_a_started_session_is_anonymous_and_can_be_read(sessions: Sessions, clock: ManualClock) -> None:
    secret, session = await sessions.start(address="192.0.2.1", agent="browser")
    assert await sessions.read(secret) == session
    assert (session.account_id, session.address, session.agent) == (None, "192.0.2.1", "browser")
    assert (session.created_ms, session.seen_ms) == (clock.now_ms(), clock.now_ms())
    assert len(session.csrf) == 43


@pytest.mark.parametrize("secret", ["", "x", ".", "a.b", f"{ACCOUNT}.{'A' * 43}", f"{ACCOUNT}.{'é' * 43}", "x" * 5_000])
async def test_a_value_that_was_never_given_out_is_no_session(sessions: Sessions, secret: str) -> None:
    assert await sessions.read(secret) is None
    await sessions.end(secret)


async def test_a_login_changes_the_cookie_and_the_token_and_kills_the_old_cookie(sessions: Sessions) -> None:
    planted, session = await sessions.start(address="192.0.2.1", agent="attacker")
    secret = await sessions.rotate(planted, msgspec.structs.replace(session, account_id=ACCOUNT))
    assert await sessions.read(planted) is None
    mine = await sessions.read(secret)
    assert mine is not None
    assert (mine.id, mine.account_id) == (session.id, ACCOUNT)
    assert mine.csrf != session.csrf
    assert secret != planted


async def test_rotating_a_dead_secret_gives_a_session_of_its_own_and_leaves_the_living_one(sessions: Sessions) -> None:
    old, session = await sessions.start(address="192.0.2.1", agent="browser")
    first = await sessions.rotate(old, msgspec.structs.replace(session, account_id=ACCOUNT))
    second = await sessions.rotate(old, msgspec.structs.replace(session, account_id="someone-else"))
    one, other = await sessions.read(first), await sessions.read(second)
    assert one is not None
    assert other is not None
    assert (one.account_id, other.account_id) == (ACCOUNT, "someone-else")
    assert one.id != other.id


async def test_of_many_rotations_at_once_each_browser_has_a_session_of_its_own(sessions: Sessions) -> None:
    old, session = await sessions.start(address="192.0.2.1", agent="browser")
    hers = msgspec.structs.replace(session, account_id=ACCOUNT)
    secrets = await asyncio.gather(*(sessions.rotate(old, hers) for _ in range(8)))
    found = [await sessions.read(secret) for secret in secrets]
    assert len({one.id for one in found if one is not None}) == 8
    assert await sessions.read(old) is None
    assert len(await sessions.of_account(ACCOUNT)) == 8


async def test_idleness_ends_a_session_and_use_keeps_it(sessions: Sessions, clock: ManualClock) -> None:
    secret, _ = await sessions.start(address="192.0.2.1", agent="browser")
    for _ in range(3):
        clock.advance(seconds=IDLE_S - 1)
        assert await sessions.read(secret) is not None
    clock.advance(seconds=IDLE_S)
    assert await sessions.read(secret) is None


async def test_age_ends_a_session_however_much_it_is_used(sessions: Sessions, clock: ManualClock) -> None:
    secret, session = await sessions.start(address="192.0.2.1", agent="browser")
    while clock.now_ms() + 1_800_000 < session.created_ms + ABSOLUTE_S * 1000:
        clock.advance(seconds=1_800)
        assert await sessions.read(secret) is not None
    clock.advance(seconds=1_800)
    assert await sessions.read(secret) is None


async def test_a_rotation_without_a_login_does_not_lengthen_the_life(sessions: Sessions, clock: ManualClock) -> None:
    secret, session = await log_in(sessions)
    clock.advance(seconds=IDLE_S // 2)
    again = await sessions.rotate(secret, msgspec.structs.replace(session, auth_at_ms=clock.now_ms()))
    found = await sessions.read(again)
    assert found is not None
    assert found.created_ms == session.created_ms


async def test_logging_out_ends_the_session_once_and_for_all(sessions: Sessions) -> None:
    secret, _ = await log_in(sessions)
    await sessions.end(secret)
    await sessions.end(secret)
    assert await sessions.read(secret) is None
    assert await sessions.of_account(ACCOUNT) == ()


async def test_an_account_sees_its_sessions_latest_first_and_no_one_elses(
    sessions: Sessions, clock: ManualClock
) -> None:
    first, one = await log_in(sessions)
    clock.advance(seconds=100)
    _, two = await log_in(sessions)
    await log_in(sessions, "someone-else")
    assert [session.id for session in await sessions.of_account(ACCOUNT)] == [two.id, one.id]
    clock.advance(seconds=100)
    await sessions.read(first)
    assert [session.id for session in await sessions.of_account(ACCOUNT)] == [one.id, two.id]


async def test_sessions_are_revoked_one_by_one_all_but_one_and_all(sessions: Sessions) -> None:
    logins = [await log_in(sessions) for _ in range(4)]
    other, _ = await log_in(sessions, "someone-else")
    assert await sessions.revoke(ACCOUNT, logins[0][1].id) == 1
    assert await sessions.revoke(ACCOUNT, logins[0][1].id) == 0
    assert await sessions.revoke("someone-else", logins[1][1].id) == 0
    assert await sessions.revoke(ACCOUNT, but=logins[1][1].id) == 2
    assert [await sessions.read(secret) is not None for secret, _ in logins] == [False, True, False, False]
    assert await sessions.revoke(ACCOUNT) == 1
    assert await sessions.read(other) is not None


async def _dump(url: str) -> str:
    client = make_client(url)
    try:
        whole = ""
        async for key in client.scan_iter():
            whole += f"{key.decode()} {await client.hgetall(key)}\n"
        return whole
    finally:
        await client.aclose()


async def test_a_dump_of_the_store_opens_no_session(stored: RedisSessions, redis_url: str) -> None:
    secret, session = await log_in(stored)
    dump = await _dump(redis_url)
    random = secret.partition(".")[2]
    assert session.id in dump
    assert random not in dump
    stolen = f"{session.id}.{hashlib.sha256(random.encode()).hexdigest()[:43]}"
    assert await stored.read(stolen) is None


def _crash_at(stored: RedisSessions, name: str) -> Callable[..., Any]:
    """The adapter's own step that never happens: the process died before it."""
    real = stored._run

    async def run(script: str, key: str, *args: Any) -> Any:
        if script == name:
            raise Unavailable("the process died here")
        return await real(script, key, *args)

    return run


async def test_a_crash_before_the_session_is_written_leaves_an_entry_that_is_dropped_later(
    stored: RedisSessions, clock: ManualClock, hot: HotRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, session = await stored.start(address="192.0.2.1", agent="browser")
    with monkeypatch.context() as patched:
        patched.setattr(stored, "_run", _crash_at(stored, "write"))
        with pytest.raises(Unavailable):
            await stored.rotate(secret, msgspec.structs.replace(session, account_id=ACCOUNT))
    before = await stored.read(secret)
    assert before is not None
    assert before.account_id is None
    assert await stored.of_account(ACCOUNT) == ()
    assert await hot.call(f"sessions:{{{ACCOUNT}}}", "HLEN", f"sessions:{{{ACCOUNT}}}") == 1
    clock.advance(ms=GRACE_MS)
    assert await stored.of_account(ACCOUNT) == ()
    assert await hot.call(f"sessions:{{{ACCOUNT}}}", "HLEN", f"sessions:{{{ACCOUNT}}}") == 0


async def test_listing_while_a_login_is_between_its_steps_does_not_lose_the_session(
    stored: RedisSessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, session = await stored.start(address="192.0.2.1", agent="browser")
    real = stored._run

    async def run(script: str, key: str, *args: Any) -> Any:
        if script == "write":
            assert await stored.of_account(ACCOUNT) == ()
        return await real(script, key, *args)

    monkeypatch.setattr(stored, "_run", run)
    await stored.rotate(secret, msgspec.structs.replace(session, account_id=ACCOUNT))
    assert [one.id for one in await stored.of_account(ACCOUNT)] == [session.id]
    assert await stored.revoke(ACCOUNT) == 1


async def test_a_crash_after_the_end_of_a_session_leaves_it_ended(
    stored: RedisSessions, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, _ = await log_in(stored)
    with monkeypatch.context() as patched:
        patched.setattr(stored, "_run", _crash_at(stored, "unlist"))
        with pytest.raises(Unavailable):
            await stored.end(secret)
    assert await stored.read(secret) is None
    assert await stored.of_account(ACCOUNT) == ()


async def test_an_index_that_was_lost_comes_back_as_its_sessions_are_used(
    stored: RedisSessions, hot: HotRedis, clock: ManualClock
) -> None:
    secret, session = await log_in(stored)
    await hot.call(f"sessions:{{{ACCOUNT}}}", "DEL", f"sessions:{{{ACCOUNT}}}")
    assert await stored.of_account(ACCOUNT) == ()
    clock.advance(seconds=61)
    assert await stored.read(secret) is not None
    assert [one.id for one in await stored.of_account(ACCOUNT)] == [session.id]


async def test_an_account_has_a_bounded_number_of_sessions_and_the_longest_unseen_go(
    stored: RedisSessions, clock: ManualClock
) -> None:
    first, _ = await log_in(stored)
    for _ in range(SESSIONS_MAX):
        clock.advance(ms=1)
        await log_in(stored)
    assert len(await stored.of_account(ACCOUNT)) == SESSIONS_MAX
    assert await stored.read(first) is None


async def test_what_ended_leaves_the_store_by_itself(stored: RedisSessions, hot: HotRedis) -> None:
    _, session = await log_in(stored)
    for key, most_ms in ((f"session:{{{session.id}}}", IDLE_S * 1000), (f"sessions:{{{ACCOUNT}}}", ABSOLUTE_S * 1000)):
        assert 0 < await hot.call(key, "PTTL", key) <= most_ms


async def test_a_store_that_is_away_is_unavailable_and_not_an_end_of_the_session() -> None:
    away = HotRedis("redis://127.0.0.1:1", attempt_timeout_s=0.1, deadline_s=0.2)
    sessions = RedisSessions(away, new_id=id_source(SystemClock()))
    with pytest.raises(Unavailable):
        await sessions.read(f"{ACCOUNT}.{'A' * 43}")
    with pytest.raises(Unavailable):
        await sessions.start(address="192.0.2.1", agent="browser")
    await away.close()
