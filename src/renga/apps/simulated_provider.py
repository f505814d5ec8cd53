"""The simulated payment provider beside a shop: whether ``renga up`` starts it, where it is, who knows of it."""

from pathlib import Path
from typing import Any

import msgspec

from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings, public_url
from renga.simulators.payment_provider.places import address_of, check_address, chosen_port, folder_of
from renga.simulators.payment_provider.settings import SimulatedProviderSettings

#: The module that pays, and its settings about this provider.
MODULE, URL, PROVIDERS, NAME = "payments", "simulator_url", "providers", "simulated"
_ANY = frozenset({"0.0.0.0", "::", ""})


def is_wanted(settings: Sections) -> bool:
    """Whether ``renga up`` starts it: payments run here, no address of one is set, and no other provider is in its place."""
    payments = _payments(settings)
    if payments is None or getattr(payments, URL):
        return False
    names = [name.strip() for name in getattr(payments, PROVIDERS).split(",") if name.strip()]
    return not names or NAME in names


def url_of(settings: Sections) -> str:
    """Where the shop finds it; empty: nowhere."""
    url = str(getattr(_payments(settings), URL, ""))
    return "" if url == "none" else url


def with_url(settings: Sections, url: str) -> Sections:
    """The settings with the provider's address, unless one is set."""
    payments = _payments(settings)
    if payments is None or getattr(payments, URL):
        return settings
    return settings.replace(**{MODULE: msgspec.structs.replace(payments, **{URL: url})})


def beside(settings: Sections) -> Sections:
    """The settings of a shop and of its provider, each with the address of the other. Raises SettingsInvalid."""
    platform, own = settings[PlatformSettings], settings[SimulatedProviderSettings]
    check_address(own)
    folder = folder_of(own, platform)
    port = chosen_port(own, platform.port, folder)
    shop = f"http://{_reachable(platform.host)}:{platform.port}"
    pages = {public_url(platform), shop, f"http://localhost:{platform.port}", *platform.cors_origins}
    own = msgspec.structs.replace(
        own, port=port, data=str(Path(folder)), shop_webhook=own.shop_webhook or f"{shop}/v1/webhooks/simulated",
        frame_origins=own.frame_origins or tuple(sorted(pages)),
    )  # fmt: skip
    return with_url(settings.replace(provider=own), address_of(own, port))


def _reachable(host: str) -> str:
    if host in _ANY:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _payments(settings: Sections) -> Any:
    """The settings of the module, if it runs here."""
    modules = settings[PlatformSettings].modules
    if modules and MODULE not in modules:
        return None
    found = next((struct for name, struct in settings if name == MODULE), None)
    return found if hasattr(found, URL) else None
