"""The classes of routes that are limited, each with its own rate; who counts as one caller; settings of section ``ratelimit``."""

import ipaddress
from functools import lru_cache
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from renga.platform.auth.principal import Principal
from renga.platform.ratelimit.port import Limit
from renga.platform.settings import SettingsInvalid

#: What a route may say of itself; ``none`` is not limited (health, static files).
RouteClass = Literal["read", "write", "cart_write", "login", "token", "import", "none"]
CLASSES: tuple[str, ...] = get_args(RouteClass)
#: Guessing is limited by where it comes from, whoever it says it is.
BY_ADDRESS = frozenset(("login", "token"))
#: An API key brings a limit of its own in place of these.
_BY_KEY = frozenset(("read", "write", "cart_write"))
#: Wrong credentials from one address: after the burst, one is looked at every two seconds.
REFUSALS = "credentials"

#: Addresses remembered as limited or not.
FREE_MAX = 10_000

_PerMinute = Meta(ge=1, le=60_000_000)
_Burst = Meta(ge=1, le=1_000_000)


class RateLimitSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the section ``ratelimit``; a caller is an API key, an account, or (guests) an address."""

    enabled: Annotated[bool, "limit how often a caller may call"] = True
    unlimited: Annotated[
        tuple[str, ...], "networks whose guests read and change carts without limit: our own machine"
    ] = (
        "127.0.0.0/8",
        "::1/128",
    )
    trusted_proxies: Annotated[tuple[str, ...], "networks whose X-Forwarded-For is believed (10.0.0.0/8, ::1/128)"] = ()
    read_per_minute: Annotated[int, "reads a minute and caller", _PerMinute] = 6_000
    read_burst: Annotated[int, "reads at once", _Burst] = 600
    write_per_minute: Annotated[int, "writes a minute and caller", _PerMinute] = 600
    write_burst: Annotated[int, "writes at once", _Burst] = 120
    cart_write_per_minute: Annotated[int, "cart changes a minute and caller", _PerMinute] = 1_200
    cart_write_burst: Annotated[int, "cart changes at once", _Burst] = 240
    login_per_minute: Annotated[int, "logins, recoveries, registrations a minute and address", _PerMinute] = 30
    login_burst: Annotated[int, "logins at once", _Burst] = 20
    token_per_minute: Annotated[int, "token requests a minute and address", _PerMinute] = 300
    token_burst: Annotated[int, "token requests at once", _Burst] = 100
    import_per_minute: Annotated[int, "bulk imports a minute and caller", _PerMinute] = 6
    import_burst: Annotated[int, "bulk imports at once", _Burst] = 3
    credentials_per_minute: Annotated[int, "refused credentials a minute and address", _PerMinute] = 30
    credentials_burst: Annotated[int, "refused credentials at once", _Burst] = 60


class Limits:
    """Which limits a request counts against."""

    def __init__(self, settings: RateLimitSettings) -> None:
        self._unlimited = parsed(settings.unlimited, "ratelimit.unlimited")
        self._free: dict[str, bool] = {}
        names = [name for name in CLASSES if name != "none"] + [REFUSALS]
        self._rates = {
            name: (getattr(settings, f"{name}_per_minute"), getattr(settings, f"{name}_burst")) for name in names
        }

    def of(self, route_class: str, principal: Principal | None, address: str) -> tuple[Limit, ...]:
        """``address`` is the caller's as ``bucket`` gives it. All limits of one caller share her key."""
        if route_class == "none":
            return ()
        if principal is None and route_class not in BY_ADDRESS and self._is_unlimited(address):
            return ()
        if principal is None or route_class in BY_ADDRESS:
            return (self._limit(route_class, f"ip:{address}"),)
        if principal.key_id is None:
            return (self._limit(route_class, f"account:{principal.subject}"),)
        key = f"key:{principal.key_id}"
        if principal.limit is None:
            return (self._limit(route_class, key),)
        own = Limit(name="key", key=key, per_minute=principal.limit[0], burst=principal.limit[1])
        return (own,) if route_class in _BY_KEY else (own, self._limit(route_class, key))

    def of_refusal(self, address: str) -> tuple[Limit, ...]:
        """What a wrong credential counts against."""
        return (self._limit(REFUSALS, f"ip:{address}"),)

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
    """The address as limits count it: IPv4 alone, IPv6 by its /64 (what one subscriber is given)."""
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
    """Networks by their names. Raises SettingsInvalid, naming the setting."""
    try:
        return [ipaddress.ip_network(name) for name in names]
    except ValueError as error:
        raise SettingsInvalid(f"{setting}: {error}") from error


class Proxies:
    """Finds the caller's address: the peer's, or what trusted proxies say of it. Raises SettingsInvalid for no network."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._networks = parsed(names, "ratelimit.trusted_proxies")

    @property
    def any(self) -> bool:
        """Whether there is a proxy to trust."""
        return bool(self._networks)

    def address(self, peer: str, forwarded: str | None) -> str:
        """``forwarded`` is X-Forwarded-For: read from the right, up to the first that is not a proxy of ours."""
        if not self._networks or forwarded is None or not self._trusts(peer):
            return peer
        for hop in reversed(forwarded.split(",")):
            name = hop.strip()
            if not _is_address(name):
                return peer
            peer = name
            if not self._trusts(name):
                break
        return peer

    def _trusts(self, address: str) -> bool:
        return _is_address(address) and any(ipaddress.ip_address(address) in network for network in self._networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
