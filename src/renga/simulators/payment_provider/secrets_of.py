"""The provider's secrets: those that are set, or derived from the shop's, so that both sides agree without settings."""

import msgspec

from renga.platform.derived_secrets import derived_secret
from renga.simulators.payment_provider.settings import SimulatedProviderSettings

#: Labels of the derivation; the adapter of payments has the same ones.
API_LABEL = "simulated payment provider: api"
WEBHOOK_LABEL = "simulated payment provider: webhooks"
PIX_LABEL = "simulated payment provider: pix api"


class ProviderSecrets(msgspec.Struct, frozen=True):
    """Never logged: it has no repr of its values."""

    api: bytes
    webhook: bytes
    pix: bytes

    def __repr__(self) -> str:
        return "ProviderSecrets(••••)"


def secrets_of(settings: SimulatedProviderSettings, shop_secret: bytes) -> ProviderSecrets:
    """The secrets of this provider."""

    def one(text: str, label: str) -> bytes:
        return (text or derived_secret(shop_secret, label)).encode()

    return ProviderSecrets(
        one(settings.secret_key.reveal(), API_LABEL),
        one(settings.webhook_secret.reveal(), WEBHOOK_LABEL),
        one(settings.pix_secret.reveal(), PIX_LABEL),
    )
