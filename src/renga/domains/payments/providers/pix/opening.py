"""Opens the Pix API as the settings say."""

import ssl
from pathlib import Path

from renga.domains.payments.ports.provider import PaymentProvider
from renga.domains.payments.providers.required import require, require_ascii, require_trusted
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.clock import Clock
from renga.platform.settings import SettingsInvalid


def open_pix(settings: PaymentSettings, clock: Clock) -> PaymentProvider:
    """Raises SettingsInvalid."""
    names = ("pix_url", "pix_token_url", "pix_client_id", "pix_client_secret", "pix_key", "pix_webhook_secret")
    require(settings, "pix", *names)
    require_ascii(settings, "pix_client_id", "pix_client_secret")
    require_trusted({"pix_url": settings.pix_url, "pix_token_url": settings.pix_token_url})
    # imported here: its client costs time and memory, and most processes have no Pix API
    from renga.domains.payments.providers.pix.adapter import PixProvider
    from renga.domains.payments.providers.pix.client import open_connection

    deadline_s = settings.deadline_ms / 1000
    certificate = Path(settings.pix_certificate) if settings.pix_certificate else None
    try:
        client = open_connection(settings.pix_url, certificate=certificate, deadline_s=deadline_s)
    except (OSError, ssl.SSLError) as error:
        raise SettingsInvalid(f"payments.pix_certificate {certificate}: {error}") from error
    return PixProvider(
        client,
        chave=settings.pix_key,
        token_url=settings.pix_token_url,
        client_id=settings.pix_client_id,
        client_secret=settings.pix_client_secret.reveal(),
        clock=clock,
        webhook_secret=settings.pix_webhook_secret.reveal(),
        webhook_proof=settings.pix_webhook_proof,
        deadline_s=deadline_s,
    )
