"""Checks of a Redis with durable data: reachable, new enough, persistent, no eviction, compact encoding, same clock."""

from typing import Any

import msgspec
import redis.asyncio as client
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from renga.kernel.clock import Clock
from renga.platform.doctor.check import Check
from renga.platform.redis.connection import ServerAddress
from renga.platform.redis.errors import RedisTrouble
from renga.platform.redis.topology import ClusterSlots, topology
from renga.platform.settings import mask_url

TIMEOUT_S = 3.0
#: One try: the doctor reports the present state.
ONCE = Retry(NoBackoff(), 0)
VERSION_MIN = (7, 0)
LISTPACK_VALUE_MIN = 1024
LISTPACK_ENTRIES_MIN = 512
SKEW_WARN_MS = 500
SKEW_FAIL_MS = 5_000


async def check_redis(url: str, clock: Clock) -> list[Check]:
    """A set of checks for each master behind the URL; an empty URL means the embedded engine, which is not running."""
    if not url:
        return [Check("redis", "ok", "embedded; not running now")]
    mend = "Start the server that RENGA_REDIS names, or leave the setting empty to use the embedded one."
    try:
        masters = await _masters(url)
        return [check for master in masters for check in await _check_server(master, clock)]
    except (RedisError, RedisTrouble, OSError) as error:
        return [Check("redis", "fail", f"{mask_url(url)}: {error}", mend)]


async def check_store(name: str, variable: str, url: str, clock: Clock) -> list[Check]:
    """The same checks for a module's own Redis, under the module's name."""
    return [
        msgspec.structs.replace(
            check, name=check.name.replace("redis", name, 1), mend=check.mend.replace("RENGA_REDIS", variable)
        )
        for check in await check_redis(url, clock)
    ]


async def _masters(url: str) -> list[ServerAddress]:
    found = topology(url)
    await found.learn()
    return found.addresses() if isinstance(found, ClusterSlots) else [found.address(0)]


async def _check_server(at: ServerAddress, clock: Clock) -> list[Check]:
    options: dict[str, Any] = {"ssl_ca_certs": at.tls_ca, "ssl": True} if at.tls else {}
    if at.tls and not at.tls_verify:
        options |= {"ssl_cert_reqs": "none", "ssl_check_hostname": False}
    connection = client.Redis(
        host=at.host,
        port=at.port,
        username=at.username,
        password=at.password,
        db=at.database,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        decode_responses=True,
        retry=ONCE,
        **options,
    )
    where = f"{at.host}:{at.port}"
    try:
        version = _check_version(where, await connection.info("server"))
        return [version, *await _check_configuration(where, connection), await _check_clock(where, connection, clock)]
    finally:
        await connection.aclose()


def _check_version(where: str, about: dict[str, Any]) -> Check:
    valkey = about.get("valkey_version")
    said = f"{where} is {f'Valkey {valkey}' if valkey else 'Redis ' + str(about['redis_version'])}"
    numbers = tuple(int(part) for part in str(about["redis_version"]).split(".")[:2])
    if numbers < VERSION_MIN:
        return Check("redis", "fail", said, "Upgrade to Redis 7.0 or Valkey 7.2, or newer.")
    return Check("redis", "ok", said)


async def _check_configuration(where: str, connection: "client.Redis") -> list[Check]:
    try:
        patterns = ("appendonly", "maxmemory*", "hash-max-listpack-*")
        asked: list[dict[Any, Any]] = [await connection.config_get(pattern) for pattern in patterns]
    except ResponseError as error:
        mend = "See in the provider's console that it is persistent and that its policy is noeviction."
        return [Check("redis configuration", "warn", f"{where} does not tell: {error}", mend)]
    found = {str(name): str(value) for part in asked for name, value in part.items()}
    return [_durable(where, found), _keeping(where, found), _compact(where, found)]


def _durable(where: str, found: dict[str, str]) -> Check:
    if found.get("appendonly") == "yes":
        return Check("redis appendonly", "ok", f"{where}: yes")
    mend = "Turn it on (CONFIG SET appendonly yes, and in redis.conf): a restart loses the newest carts without it."
    return Check("redis appendonly", "warn", f"{where}: {found.get('appendonly')}", mend)


def _keeping(where: str, found: dict[str, str]) -> Check:
    policy, limit = found.get("maxmemory-policy"), int(found.get("maxmemory", "0"))
    said = f"{where}: {policy}, maxmemory {limit or 'without limit'}"
    if policy == "noeviction":
        return Check("redis eviction", "ok", said)
    mend = "CONFIG SET maxmemory-policy noeviction, and in redis.conf: carts would vanish when memory is full."
    return Check("redis eviction", "fail" if limit else "warn", said, mend)


def _compact(where: str, found: dict[str, str]) -> Check:
    value = int(found.get("hash-max-listpack-value", "0"))
    entries = int(found.get("hash-max-listpack-entries", "0"))
    said = f"{where}: {entries} entries of {value} bytes"
    if value >= LISTPACK_VALUE_MIN and entries >= LISTPACK_ENTRIES_MIN:
        return Check("redis listpack", "ok", said)
    mend = (
        f"For half the memory per cart: CONFIG SET hash-max-listpack-value {LISTPACK_VALUE_MIN} "
        f"hash-max-listpack-entries {LISTPACK_ENTRIES_MIN}."
    )
    return Check("redis listpack", "warn", said, mend)


async def _check_clock(where: str, connection: "client.Redis", clock: Clock) -> Check:
    before = clock.now_ms()
    seconds, micros = await connection.time()
    here = (before + clock.now_ms()) // 2
    skew = abs(int(seconds) * 1000 + int(micros) // 1000 - here)
    if skew <= SKEW_WARN_MS:
        return Check("redis clock", "ok", f"{where}: {skew} ms apart")
    mend = "Let both machines follow a time server (chrony or ntpd): carts expire by the server's clock."
    return Check("redis clock", "fail" if skew > SKEW_FAIL_MS else "warn", f"{where}: {skew} ms apart", mend)
