"""The text for a refused password."""

from renga.domains.identity.contract import PasswordRefused
from renga.frontends.web.i18n import Translator

REASONS = ("too_short", "too_long", "weak", "breached")


def refusal(error: PasswordRefused, t: Translator) -> str:
    reason = error.extra.get("reason")
    return t(f"password.{reason if reason in REASONS else 'weak'}")
