"""``renga provider``: the simulated payment provider alone."""

from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings
from renga.simulators.payment_provider.serving import say_ready, serve_provider
from renga.simulators.payment_provider.settings import ProviderSettings


async def run(settings: Sections) -> None:
    """Until cancelled."""
    await serve_provider(settings[ProviderSettings], settings[PlatformSettings], say_ready)
