"""The settings of a process, section by section, and the engines that they reach."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import structlog

from renga.apps.modules import MODULES
from renga.apps.simulated_provider import is_wanted, with_url
from renga.platform.cache.settings import CacheSettings
from renga.platform.engines.folder import DataFolder
from renga.platform.http.server_settings import HttpSettings
from renga.platform.mail.settings import MailSettings
from renga.platform.modules.choosing import chosen, declared_by
from renga.platform.modules.module import Module
from renga.platform.ratelimit.rates import settings_for
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings, SettingsInvalid, Sources
from renga.simulators.payment_provider.settings import SimulatedProviderSettings

log = structlog.get_logger(__name__)

#: The section without a name of its own: ``RENGA_PORT``, ``port`` at the top of the file.
PLATFORM = "renga"


def load_settings(sources: Sources, modules: Sequence[Module] = MODULES) -> Sections:
    """Read the sections of the platform and of the modules that run here; unknown settings are an error.

    Settings of modules that do not run here are ignored, with one warning. Raises SettingsInvalid.
    """
    platform = sources.load(PLATFORM, PlatformSettings)
    running = {module.name for module in chosen(modules, platform.modules)}
    kinds: dict[str, type[msgspec.Struct]] = {
        "ratelimit": settings_for(declared_by(modules).rate_classes),
        "mail": MailSettings,
        "cache": CacheSettings,
        "http": HttpSettings,
        "provider": SimulatedProviderSettings,
    }
    others: list[str] = []
    for module in modules:
        if module.name in running:
            kinds |= module.settings
        else:
            others += module.settings
    filled: dict[str, msgspec.Struct] = {PLATFORM: platform}
    filled |= {section: sources.load(section, kind) for section, kind in kinds.items()}
    passed_over = sources.passed_over(others)
    sources.check_unknown()
    if passed_over:
        log.warning("settings_passed_over", settings=passed_over, reason="their modules do not run in this process")
    return Sections(filled)


def reach(settings: Sections) -> Sections:
    """The settings with every URL filled in; an empty one becomes that of ``renga up``'s engine on this data folder.

    So does that of its simulated payment provider. Raises SettingsInvalid if ``renga up`` is not running there.
    """
    platform = settings[PlatformSettings]
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
        if is_wanted(settings) and "provider" in urls:
            settings = with_url(settings, urls["provider"])
    platform = msgspec.structs.replace(platform, bus=platform.bus or platform.redis)
    return settings.replace(**{PLATFORM: platform})
