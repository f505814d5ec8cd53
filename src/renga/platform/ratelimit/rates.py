"""A class of routes that is limited together, and the settings that each class has."""

from functools import cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta

_PerMinute = Meta(ge=1, le=60_000_000)
_Burst = Meta(ge=1, le=1_000_000)


class RateClass(msgspec.Struct, frozen=True, kw_only=True):
    """``what`` names what is counted ("cart changes"); ``per_minute`` and ``burst`` are the defaults of its settings.

    ``by_address``: for guesses of secrets; counted by address, whatever account they name, and one by one.
    ``by_key``: an API key's own limit replaces this one.
    """

    name: str
    what: str
    per_minute: int
    burst: int
    by_address: bool = False
    by_key: bool = False


READ = RateClass(name="read", what="reads", per_minute=6_000, burst=600, by_key=True)
WRITE = RateClass(name="write", what="writes", per_minute=600, burst=120, by_key=True)
#: Wrong credentials from one address: after the burst, one every two seconds.
CREDENTIALS = RateClass(name="credentials", what="refused credentials", per_minute=30, burst=60, by_address=True)
#: The classes that every process has, beside ``none`` (health, static files), which is not limited.
PLATFORM = (READ, WRITE, CREDENTIALS)


class RateLimitSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the section ``ratelimit``; a caller is an API key, an account, or (guests) an address."""

    enabled: Annotated[bool, "limit how often a caller may call"] = True
    unlimited: Annotated[
        tuple[str, ...], "networks whose guests read and change carts without limit (default: this machine)"
    ] = (
        "127.0.0.0/8",
        "::1/128",
    )
    trusted_proxies: Annotated[
        tuple[str, ...], "networks of proxies whose X-Forwarded-For is trusted (10.0.0.0/8, ::1/128)"
    ] = ()


@cache
def settings_for(classes: tuple[RateClass, ...]) -> type[RateLimitSettings]:
    """The section with ``<class>_per_minute`` and ``<class>_burst`` for each class."""
    fields: list[Any] = []
    for one in classes:
        whom = "address" if one.by_address else "caller"
        fields += [
            (f"{one.name}_per_minute", Annotated[int, f"{one.what} a minute and {whom}", _PerMinute], one.per_minute),
            (f"{one.name}_burst", Annotated[int, f"{one.what} at once", _Burst], one.burst),
        ]
    made: Any = msgspec.defstruct(
        "RateLimitSettings", fields, bases=(RateLimitSettings,), frozen=True, kw_only=True, forbid_unknown_fields=True
    )
    return made  # type: ignore[no-any-return]  # msgspec's type is a plain Struct


def rate_of(settings: RateLimitSettings, one: RateClass) -> tuple[int, int]:
    """The configured per-minute rate and burst of a class; its defaults if the section lacks it."""
    per_minute: int = getattr(settings, f"{one.name}_per_minute", one.per_minute)
    burst: int = getattr(settings, f"{one.name}_burst", one.burst)
    return per_minute, burst
