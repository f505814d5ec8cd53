"""The settings of a process, section by section, and the engines that they reach."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec

from renga.domains.cart.settings import CartSettings
from renga.domains.identity.settings import IdentitySettings, PasswordSettings
from renga.frontends.bff.graphql.settings import GraphQLSettings
from renga.platform.cache.settings import CacheSettings
from renga.platform.engines.folder import DataFolder
from renga.platform.mail.settings import MailSettings
from renga.platform.ratelimit.classes import RateLimitSettings
from renga.platform.settings import PlatformSettings, SettingsInvalid, Sources


class Settings(msgspec.Struct, frozen=True):
    """All settings of this process; ``urls`` are the engines as they will really be reached."""

    platform: PlatformSettings
    cart: CartSettings
    ratelimit: RateLimitSettings = RateLimitSettings()
    identity: IdentitySettings = IdentitySettings()
    passwords: PasswordSettings = PasswordSettings()
    mail: MailSettings = MailSettings()
    graphql: GraphQLSettings = GraphQLSettings()
    cache: CacheSettings = CacheSettings()


def load_settings(sources: Sources) -> Settings:
    """Read every section and refuse what no section knows. Raises SettingsInvalid."""
    settings = Settings(
        sources.load("renga", PlatformSettings),
        sources.load("cart", CartSettings),
        sources.load("ratelimit", RateLimitSettings),
        sources.load("identity", IdentitySettings),
        sources.load("passwords", PasswordSettings),
        sources.load("mail", MailSettings),
        sources.load("graphql", GraphQLSettings),
        sources.load("cache", CacheSettings),
    )
    sources.check_unknown()
    return settings


def reach(settings: Settings) -> Settings:
    """The settings with every URL filled in: those left empty are the engines of the ``renga up`` on this data folder.

    Raises SettingsInvalid when none is running there.
    """
    platform = settings.platform
    if not (platform.database and platform.redis):
        holder = DataFolder(Path(platform.data)).holder()
        urls: Mapping[str, str] = holder.urls if holder else {}
        database, redis = platform.database or urls.get("postgres", ""), platform.redis or urls.get("valkey", "")
        if not database or not redis:
            raise SettingsInvalid(
                f"no shop is running on {platform.data}: start one with `renga up` (make run), or set "
                "RENGA_DATABASE and RENGA_REDIS"
            )
        platform = msgspec.structs.replace(platform, database=database, redis=redis)
    platform = msgspec.structs.replace(platform, bus=platform.bus or platform.redis)
    return msgspec.structs.replace(settings, platform=platform)


def secret_of(platform: PlatformSettings) -> bytes:
    """The configured secret, or the one kept in the data folder (made the first time, readable by its owner only)."""
    if platform.secret:
        return platform.secret.reveal().encode()
    path = Path(platform.data) / "secret"
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
        return path.read_bytes()
    except OSError as error:
        raise SettingsInvalid(f"{path}: {error.strerror}; set RENGA_SECRET or choose another folder") from error
