"""Opens Stripe as the settings say."""

from renga.domains.payments.ports.provider import PaymentProvider
from renga.domains.payments.providers.required import require, require_ascii, require_trusted
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.clock import Clock


def open_stripe(settings: PaymentSettings, clock: Clock) -> PaymentProvider:
    """Raises SettingsInvalid."""
    require(settings, "stripe", "stripe_key", "stripe_publishable_key", "stripe_webhook_secret", "stripe_url")
    require_ascii(settings, "stripe_key", "stripe_publishable_key")
    require_trusted({"stripe_url": settings.stripe_url})
    # imported here: 30 MB and 0.2 s, and most shops and every test shop have other providers
    from renga.domains.payments.providers.stripe.adapter import StripeProvider

    return StripeProvider(
        settings.stripe_key.reveal(),
        webhook_secret=settings.stripe_webhook_secret.reveal(),
        publishable_key=settings.stripe_publishable_key,
        clock=clock,
        url=settings.stripe_url,
        multicapture=settings.stripe_multicapture,
        deadline_s=settings.deadline_ms / 1000,
    )
