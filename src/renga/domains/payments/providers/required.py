"""Checks settings of providers: all that one needs, or an error that names what is missing."""

from collections.abc import Mapping

from renga.domains.payments.settings import PaymentSettings
from renga.platform.auth.trusted_address import trusted_address
from renga.platform.settings import Secret, SettingsInvalid


def require(settings: PaymentSettings, provider: str, *names: str) -> None:
    """Raises SettingsInvalid."""
    missing = [f"payments.{name}" for name in names if not getattr(settings, name)]
    if missing:
        raise SettingsInvalid(f"the payment provider {provider} also needs {', '.join(missing)}")


def require_trusted(urls: Mapping[str, str]) -> None:
    """Credentials go only over TLS, or to this machine. Raises SettingsInvalid."""
    for name, url in urls.items():
        try:
            trusted = trusted_address(url)
        except ValueError:  # no URL at all
            trusted = False
        if not trusted:
            raise SettingsInvalid(f"payments.{name} is an https URL (or http on this machine), not {url!r}")


def require_ascii(settings: PaymentSettings, *names: str) -> None:
    """Credentials are sent in headers. Raises SettingsInvalid."""
    for name in names:
        value = getattr(settings, name)
        text = value.reveal() if isinstance(value, Secret) else value
        if not text.isascii() or not text.isprintable():
            raise SettingsInvalid(f"payments.{name} has other characters than printable ASCII")
