"""``renga provider``: the simulated payment provider alone, and how a reader reaches it."""

import shlex
from pathlib import Path

from renga.apps.simulated_provider import url_of
from renga.platform.engines.folder import DataFolder
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings, secret_of
from renga.simulators.payment_provider.places import address_of, expected_port, folder_of
from renga.simulators.payment_provider.secrets_of import secrets_of
from renga.simulators.payment_provider.serving import say_ready, serve_provider
from renga.simulators.payment_provider.settings import SimulatedProviderSettings


async def run(settings: Sections) -> None:
    """Until cancelled."""
    await serve_provider(settings[SimulatedProviderSettings], settings[PlatformSettings], say_ready)


def environment(settings: Sections) -> str:
    """Its address and secrets as shell variables: of the one that a shop runs, or that would run with these settings."""
    platform, own = settings[PlatformSettings], settings[SimulatedProviderSettings]
    holder = DataFolder(Path(platform.data)).holder()
    port = expected_port(own, platform.port, folder_of(own, platform))
    url = url_of(settings) or (holder.urls.get("provider") if holder else "") or address_of(own, port)
    secrets = secrets_of(own, secret_of(platform))
    variables = {
        "PROVIDER": url,
        "PROVIDER_KEY": secrets.api.decode(),
        "PROVIDER_WEBHOOK_SECRET": secrets.webhook.decode(),
        "PROVIDER_PIX_CLIENT": own.pix_client,
        "PROVIDER_PIX_SECRET": secrets.pix.decode(),
    }
    return "\n".join(f"{name}={shlex.quote(value)}" for name, value in variables.items())
