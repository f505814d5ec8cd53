"""Which limits a request counts against, and who counts as one caller."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from renga.platform.auth.principal import Principal
from renga.platform.ratelimit.port import Limit
from renga.platform.ratelimit.rates import CREDENTIALS, PLATFORM, RateClass, RateLimitSettings, rate_of
from renga.platform.settings import SettingsInvalid

#: The class of routes without a limit (health, static files).
UNLIMITED = "none"
#: Most addresses cached as limited or not.
FREE_MAX = 10_000


class RequestLimits:
    """Which limits a request counts against."""

    def __init__(self, settings: RateLimitSettings, classes: Sequence[RateClass] = PLATFORM) -> None:
        self._unlimited = parsed(settings.unlimited, "ratelimit.unlimited")
        self._free: dict[str, bool] = {}
        self._rates = {one.name: rate_of(settings, one) for one in classes}
        self._by_address = frozenset(one.name for one in classes if one.by_address)
        self._by_key = frozenset(one.name for one in classes if one.by_key)

    def knows(self, route_class: str) -> bool:
        """Whether this rate class exists."""
        return route_class in self._rates or route_class == UNLIMITED

    def is_guessed(self, route_class: str) -> bool:
        """Whether its requests are counted one by one, by address."""
        return route_class in self._by_address

    def of(self, route_class: str, principal: Principal | None, address: str) -> tuple[Limit, ...]:
        """The limits of a request. ``address`` is the caller's ``bucket``. All limits of one caller have the same key."""
        if route_class == UNLIMITED:
            return ()
        if principal is None and route_class not in self._by_address and self._is_unlimited(address):
            return ()
        if principal is None or route_class in self._by_address:
            return (self._limit(route_class, f"ip:{address}"),)
        if principal.key_id is None:
            return (self._limit(route_class, f"account:{principal.subject}"),)
        key = f"key:{principal.key_id}"
        if principal.limit is None:
            return (self._limit(route_class, key),)
        own = Limit(name="key", key=key, per_minute=principal.limit[0], burst=principal.limit[1])
        return (own,) if route_class in self._by_key else (own, self._limit(route_class, key))

    def of_refusal(self, address: str) -> tuple[Limit, ...]:
        """The limits that a wrong credential counts against."""
        return (self._limit(CREDENTIALS.name, f"ip:{address}"),)

    def _is_unlimited(self, bucket: str) -> bool:
        known = self._free.get(bucket)
        if known is None:
            address = bucket.partition("/")[0]
            known = _is_address(address) and any(ipaddress.ip_address(address) in one for one in self._unlimited)
            if len(self._free) >= FREE_MAX:
                self._free.clear()
            self._free[bucket] = known
        return known

    def _limit(self, name: str, key: str) -> Limit:
        per_minute, burst = self._rates[name]
        return Limit(name=name, key=key, per_minute=per_minute, burst=burst)


@lru_cache(maxsize=10_000)
def bucket(address: str) -> str:
    """The address for counting: an IPv4 address, or the /64 of an IPv6 address (one subscriber's network)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address) + "/64"


def parsed(names: tuple[str, ...], setting: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The networks from their text. Raises SettingsInvalid, naming the setting."""
    try:
        return [ipaddress.ip_network(name) for name in names]
    except ValueError as error:
        raise SettingsInvalid(f"{setting}: {error}") from error


class Proxies:
    """Finds the caller's address: the peer's, or the one reported by trusted proxies. Raises SettingsInvalid."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._networks = parsed(names, "ratelimit.trusted_proxies")

    @property
    def any(self) -> bool:
        """Whether there are trusted proxies."""
        return bool(self._networks)

    def address(self, peer: str, forwarded: str | None) -> str:
        """``forwarded`` is X-Forwarded-For: read from the right up to the first address that is not a trusted proxy."""
        if not self._networks or forwarded is None or not self.trusts(peer):
            return peer
        for hop in reversed(forwarded.split(",")):
            name = hop.strip()
            if not _is_address(name):
                return peer
            peer = name
            if not self.trusts(name):
                break
        return peer

    def trusts(self, address: str) -> bool:
        return _is_address(address) and any(ipaddress.ip_address(address) in network for network in self._networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
