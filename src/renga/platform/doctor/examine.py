"""Run all checks concurrently, each within its deadline."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path

from renga.kernel.clock import Clock, SystemClock
from renga.kernel.errors import RengaError
from renga.platform.doctor import machine
from renga.platform.doctor.bus import check_bus
from renga.platform.doctor.check import Check
from renga.platform.doctor.conflicts import check_settings
from renga.platform.doctor.postgres import check_postgres
from renga.platform.doctor.redis import check_redis
from renga.platform.engines.folder import DataFolder
from renga.platform.postgres.revisions import Migrations
from renga.platform.settings import PlatformSettings

#: Deadline of one group of checks (an engine, the binaries).
GROUP_TIMEOUT_S = 8.0


async def examine(
    settings: PlatformSettings,
    migrations: Sequence[Migrations],
    *,
    groups: Mapping[str, Awaitable[list[Check]]] | None = None,
    clock: Clock | None = None,
    group_timeout_s: float = GROUP_TIMEOUT_S,
) -> list[Check]:
    """Every check of this machine and its engines; an empty URL means the engine of the running ``renga up``.

    ``groups`` are the checks that modules declare, by the name of their subject.
    """
    clock = clock or SystemClock()
    holder = DataFolder(Path(settings.data)).holder()
    urls = holder.urls if holder else {}
    redis = settings.redis or urls.get("valkey", "")
    database = settings.database or urls.get("postgres", "")
    found = await asyncio.gather(
        _bounded("embedded engines", machine.check_binaries(settings), group_timeout_s),
        _bounded("redis", check_redis(redis, clock), group_timeout_s),
        *(_bounded(name, checks, group_timeout_s) for name, checks in (groups or {}).items()),
        _bounded("postgres", check_postgres(database, migrations), group_timeout_s),
        _bounded("bus", check_bus(settings.bus or redis), group_timeout_s),
    )
    own = [
        machine.check_python(),
        machine.check_descriptors(),
        *machine.check_folder(Path(settings.data)),
        machine.check_port(settings, urls.get("shop", "")),
        *check_settings(settings),
    ]
    return own + [check for group in found for check in group]


async def _bounded(name: str, checks: Awaitable[list[Check]], timeout_s: float) -> list[Check]:
    try:
        async with asyncio.timeout(timeout_s):
            return await checks
    except TimeoutError:
        mend = "See whether it is overloaded or a firewall drops its packets."
        return [Check(name, "fail", f"no answer within {timeout_s:g} s", mend)]
    except RengaError as error:
        return [Check(name, "fail", error.detail, "Mend what the message names and ask again.")]
