"""Opens the simulated provider as the settings say."""

from collections.abc import Callable

from renga.domains.payments.ports.provider import PaymentProvider
from renga.domains.payments.providers.required import require_ascii, require_trusted
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.money import Money
from renga.platform.settings import SettingsInvalid


def open_simulated(settings: PaymentSettings, secret: bytes, total_of: Callable[[Money, int], int]) -> PaymentProvider:
    """``total_of``: what a buyer pays for an amount in so many instalments. Raises SettingsInvalid.

    Secrets that are not set are derived from the shop's.
    """
    if settings.simulator_url in ("", "none"):
        raise SettingsInvalid(
            "the payment provider simulated also needs payments.simulator_url; `renga up` starts one and fills it in"
        )
    require_ascii(settings, "simulator_key")
    require_trusted({"simulator_url": settings.simulator_url})
    # imported here: its client costs time and memory, and a process with another provider does not need it
    from renga.domains.payments.providers.simulated.adapter import SimulatedProvider

    return SimulatedProvider(
        settings.simulator_url, secret=secret, api_key=settings.simulator_key.reveal(),
        webhook_secret=settings.simulator_webhook_secret.reveal(), timeout_s=settings.deadline_ms / 1_000,
        total_of=total_of,
    )  # fmt: skip
