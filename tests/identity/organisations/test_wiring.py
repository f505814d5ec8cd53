"""Identity as it is put together: rooms that open, keys that sign, clients that are seeded, jobs that sweep."""

import asyncio
from pathlib import Path

import pytest

from renga.domains.identity.contract import CallOrigin
from renga.domains.identity.jobs import sweep_once
from renga.domains.identity.opening import IdentityModule
from renga.domains.identity.settings import IdentitySettings, PasswordSettings
from renga.kernel.caller import Caller
from renga.kernel.clock import ManualClock
from renga.kernel.ids import id_source
from renga.platform.idempotency.postgres import KEPT_MS
from renga.platform.mail.factory import make_mailer
from renga.platform.mail.settings import MailSettings
from renga.platform.redis.client import HotRedis
from renga.platform.redis.driver import make_client
from renga.platform.sessions.redis import RedisSessions
from renga.platform.settings import PlatformSettings
from renga.platform.texts import open_locales
from tests.identity.organisations.house import SECRET, House, acting, once, proved
from tests.modules import GRANTS

_HERE = CallOrigin(address="198.51.100.7")


async def test_the_rooms_open_and_work_together(house: House, valkey_url: str, tmp_path: Path) -> None:
    clock = ManualClock()
    new_id = id_source(clock)
    redis, hot = make_client(valkey_url), HotRedis(valkey_url)
    rooms = IdentityModule(
        IdentitySettings(merchant_approval=False),
        PasswordSettings(argon2_memory_kib=64, argon2_passes=1),
        GRANTS,
        pool=house.pool,
        redis=redis,
        sessions=RedisSessions(hot, new_id=new_id, clock=clock),
        mailer=make_mailer(MailSettings(), tmp_path, new_id),
        clock=clock,
        new_id=new_id,
        secret=SECRET,
        public_url="http://127.0.0.1:8000",
        locales=open_locales(PlatformSettings()),
    )
    followers: list[asyncio.Task[None]] = []
    try:
        await rooms.start()
        followers = [asyncio.create_task(follower) for follower in rooms.followers()]
        assert await rooms.seed_clients() == 3
        ana = await house.person("ana")
        merchant = await rooms.merchants.create(Caller(ana), "Serra", "serra")
        assert await rooms.merchants_of(ana) == {merchant.id}
        demo = await rooms.seed_merchant(ana)
        assert await rooms.seed_merchant(ana) == demo
        assert await rooms.merchants_of(ana) == {merchant.id, demo}
        made = await rooms.api_keys.create(acting(ana), "k", ["cart"], merchant_id=None, life_s=None, limit=None)
        assert await rooms.api_keys.check(made.key) == made.info
        await rooms.clients.consent(Caller(ana), "demo-spa", ["cart"])
        await rooms.clients.withdraw(Caller(ana), "demo-spa")
        assert "client_disconnected" in await house.trail()
        await rooms.accounts.erase(proved(ana), origin=_HERE)
        assert await rooms.merchants_of(ana) == frozenset()
        assert rooms.server.issuer == "http://127.0.0.1:8000"
    finally:
        for follower in followers:
            follower.cancel()
        await asyncio.gather(*followers, return_exceptions=True)
        await rooms.close()
        await redis.aclose()
        await hot.close()


async def test_old_answers_are_swept(house: House) -> None:
    ana = await house.person("ana")
    for number in range(3):
        await house.merchants.create(Caller(ana), "Serra", f"serra-{number}", once=once(f"k{number}"))
    sweep = house.key_store.sweep_answers
    assert await sweep_once(sweep) == 0
    house.clock.advance(ms=KEPT_MS + 1)
    assert await sweep_once(sweep) == 3
    assert await house.rows("idempotency") == 0


@pytest.mark.parametrize("batches", [[], [1] * 25])
async def test_a_sweep_ends_when_nothing_is_left_or_its_batches_are_used_up(batches: list[int]) -> None:
    left = list(batches)

    async def sweep() -> int:
        return left.pop() if left else 0

    assert await sweep_once(sweep) == min(len(batches), 20)
