"""Checks of the settings: conflicts between them, missing files, unknown URL schemes."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from renga.platform.doctor.check import Check
from renga.platform.settings import PlatformSettings, mask_url

SCHEMES = {
    "database": ("postgresql", "postgres"),
    "redis": ("redis", "rediss", "redis+cluster", "rediss+cluster", "redis+sentinel"),
    "bus": ("redis", "rediss", "redis+cluster", "rediss+cluster", "redis+sentinel", "amqp", "amqps"),
    "media": ("s3",),
    "public_url": ("http", "https"),
    "otlp_endpoint": ("http", "https"),
}
CHOICES = {"log_level": ("debug", "info", "warning", "error"), "log_format": ("console", "json")}
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def check_settings(settings: PlatformSettings) -> list[Check]:
    """Every conflict, or one line that says there is none."""
    found = _schemes(settings) + _choices(settings) + _conflicts(settings)
    return found or [Check("settings", "ok", "no conflict")]


def _schemes(settings: PlatformSettings) -> list[Check]:
    return [
        check for name, allowed in SCHEMES.items() for check in check_scheme(name, getattr(settings, name), allowed)
    ]


def check_scheme(name: str, url: str, allowed: Sequence[str]) -> list[Check]:
    """A fault if the URL of this setting (``bus``, ``cart.store``) has none of the schemes; none for an empty URL."""
    if not url or urlsplit(url).scheme in allowed:
        return []
    mend = f"Start RENGA_{name.upper().replace('.', '_')} with {' or '.join(f'{scheme}://' for scheme in allowed)}."
    return [Check("settings", "fail", f"{name} is {mask_url(url)}", mend)]


def _choices(settings: PlatformSettings) -> list[Check]:
    found = []
    for name, allowed in CHOICES.items():
        value = getattr(settings, name)
        if value not in allowed:
            mend = f"Set RENGA_{name.upper()} to {', '.join(allowed[:-1])} or {allowed[-1]}."
            found.append(Check("settings", "fail", f"{name} is {value}", mend))
    return found


def _conflicts(settings: PlatformSettings) -> list[Check]:
    found = []
    if settings.jwks and not Path(settings.jwks).is_file():
        mend = "Let RENGA_JWKS name a file with the public keys, or leave it empty to use the local key."
        found.append(Check("settings", "fail", f"jwks names {settings.jwks}, which is not a file", mend))
    if settings.host not in LOOPBACK and not settings.public_url:
        mend = "Set RENGA_PUBLIC_URL to the address that browsers and clients use."
        found.append(Check("settings", "warn", f"the shop listens on {settings.host} without a public address", mend))
    if "*" in settings.cors_origins and len(settings.cors_origins) > 1:
        mend = "Name the origins, or only *."
        found.append(Check("settings", "warn", "cors_origins has * beside others, which then mean nothing", mend))
    if settings.bus.startswith("redis") and settings.redis and settings.bus == settings.redis:
        mend = "Leave RENGA_BUS empty: the bus is on RENGA_REDIS by itself."
        found.append(Check("settings", "warn", "bus and redis name the same server", mend))
    return found
