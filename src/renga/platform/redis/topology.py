"""Finds the server of a key: the only one, the master that Sentinel names, or the owner of the cluster slot; uses redis-py."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol, cast
from urllib.parse import parse_qs, unquote, urlsplit

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from renga.platform.redis.connection import ServerAddress
from renga.platform.redis.errors import NotSent
from renga.platform.settings import SettingsInvalid

SCHEMES = ("redis", "rediss", "redis+cluster", "rediss+cluster", "redis+sentinel")
#: Deadline of one query to one server. The caller retries, so redis-py must not.
ASK_TIMEOUT_S = 0.5


class Topology(Protocol):
    """Learned on first use, and again when a server reports a change."""

    @property
    def slotted(self) -> bool:
        """Whether the address depends on the key's slot."""
        ...

    async def learn(self) -> None:
        """Query the servers for the present topology. Raises NotSent if none answers."""
        ...

    def address(self, slot: int) -> ServerAddress:
        """The server of a slot (0 if not slotted); raises NotSent when no server owns it."""
        ...

    def at(self, host: str, port: int) -> ServerAddress:
        """A named server of this topology, with the topology's credentials (for MOVED and ASK)."""
        ...


def parse(url: str) -> tuple[str, list[tuple[str, int]], ServerAddress]:
    """Scheme, seed hosts and credentials of a URL; several hosts are separated by commas. Raises SettingsInvalid."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise SettingsInvalid(f"a Redis URL starts with one of {', '.join(s + '://' for s in SCHEMES)}; got {url!r}")
    credentials, _, hosts = parts.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    default_port = 26379 if parts.scheme == "redis+sentinel" else 6379
    seeds = []
    for host in hosts.split(","):
        name, colon, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
        try:
            seeds.append((name.strip("[]") if colon else host.strip("[]"), int(port) if colon else default_port))
        except ValueError:
            raise SettingsInvalid(f"{host!r} in {parts.scheme}:// URL has no valid port") from None
    path = parts.path.strip("/")
    database = path.partition("/")[2] if parts.scheme == "redis+sentinel" else path
    if database and not database.isdigit():
        raise SettingsInvalid(f"the database of a Redis URL is a number; got {database!r}")
    entry = ServerAddress(
        host=seeds[0][0] or "127.0.0.1",
        port=seeds[0][1],
        username=unquote(username) or None,
        password=unquote(password) if password else None,
        database=int(database or 0),
        tls=parts.scheme.startswith("rediss"),
        tls_ca=query.get("ssl_ca_certs"),
        tls_verify=query.get("ssl_cert_reqs", "required") != "none",
    )
    return parts.scheme, seeds, entry


def _asking() -> dict[str, Any]:
    return {
        "socket_timeout": ASK_TIMEOUT_S,
        "socket_connect_timeout": ASK_TIMEOUT_S,
        "retry": Retry(NoBackoff(), 0),
    }


def _redis_py_options(entry: ServerAddress) -> dict[str, Any]:
    options: dict[str, Any] = {
        "username": entry.username,
        "password": entry.password,
        **_asking(),
    }
    if entry.tls:
        options |= {"ssl": True, "ssl_cert_reqs": "required" if entry.tls_verify else "none"}
        options |= {"ssl_ca_certs": entry.tls_ca, "ssl_check_hostname": entry.tls_verify}
    return options


class _Base:
    def __init__(self, entry: ServerAddress) -> None:
        self._entry = entry

    def at(self, host: str, port: int) -> ServerAddress:
        e = self._entry
        return ServerAddress(
            host=host or e.host,
            port=port,
            username=e.username,
            password=e.password,
            database=e.database,
            tls=e.tls,
            tls_ca=e.tls_ca,
            tls_verify=e.tls_verify,
        )


class SingleServer(_Base):
    slotted = False

    async def learn(self) -> None:
        return None

    def address(self, slot: int) -> ServerAddress:
        return self._entry


class SentinelMaster(_Base):
    """``redis+sentinel://host:port,host:port/<master name>/<database>``."""

    slotted = False

    def __init__(self, entry: ServerAddress, seeds: Sequence[tuple[str, int]], name: str) -> None:
        super().__init__(entry)
        self._seeds = list(seeds)
        self._name = name
        self._master: ServerAddress | None = None

    async def learn(self) -> None:
        sentinel: Any = cast(Any, Sentinel)(self._seeds, sentinel_kwargs=_asking())
        try:
            host, port = await sentinel.discover_master(self._name)
        except (RedisError, OSError, TimeoutError) as error:
            raise NotSent(f"no sentinel names a master of {self._name!r}: {error}") from error
        finally:
            await asyncio.gather(*(asked.aclose() for asked in sentinel.sentinels))
        self._master = self.at(str(host), int(port))

    def address(self, slot: int) -> ServerAddress:
        if self._master is None:
            raise NotSent(f"the master of {self._name!r} is not known")
        return self._master


class ClusterSlots(_Base):
    slotted = True

    def __init__(self, entry: ServerAddress, seeds: Sequence[tuple[str, int]]) -> None:
        super().__init__(entry)
        self._seeds = list(seeds)
        self._ranges: list[tuple[int, int, ServerAddress]] = []
        self._owner: dict[int, ServerAddress] = {}
        self._learning = asyncio.Lock()

    async def learn(self) -> None:
        async with self._learning:
            known = [(a.host, a.port) for _, _, a in self._ranges]
            for host, port in dict.fromkeys([*known, *self._seeds]):
                if await self._ask(host, port):
                    return
        raise NotSent("no node of the cluster tells its slots")

    async def _ask(self, host: str, port: int) -> bool:
        client: Any = redis.Redis(host=host, port=port, **_redis_py_options(self._entry))
        try:
            slots = await client.execute_command("CLUSTER SLOTS")
        except (RedisError, OSError, TimeoutError):
            return False
        finally:
            await client.aclose()
        self._ranges = [(lo, hi, self.at(h, p)) for (lo, hi), h, p in _masters(slots, host)]
        self._owner = {}
        return bool(self._ranges)

    def address(self, slot: int) -> ServerAddress:
        owner = self._owner.get(slot)
        if owner is None:
            for low, high, address in self._ranges:
                if low <= slot <= high:
                    self._owner[slot] = address
                    return address
            raise NotSent(f"no node serves slot {slot}")
        return owner

    def addresses(self) -> list[ServerAddress]:
        """The masters, without duplicates."""
        return list(dict.fromkeys(address for _, _, address in self._ranges))


def _masters(slots: Any, asked_host: str) -> list[tuple[tuple[int, int], str, int]]:
    """The masters of a CLUSTER SLOTS reply, raw or already parsed by redis-py."""
    if isinstance(slots, dict):
        return [(span, row["primary"][0] or asked_host, int(row["primary"][1])) for span, row in slots.items()]
    return [((int(r[0]), int(r[1])), (r[2][0] or asked_host.encode()).decode(), int(r[2][1])) for r in slots]


def topology(url: str) -> Topology:
    """The topology that a URL names. Raises SettingsInvalid."""
    scheme, seeds, entry = parse(url)
    if scheme.endswith("+cluster"):
        return ClusterSlots(entry, seeds)
    if scheme == "redis+sentinel":
        name = urlsplit(url).path.strip("/").partition("/")[0] or "mymaster"
        return SentinelMaster(entry, seeds, name)
    return SingleServer(entry)
