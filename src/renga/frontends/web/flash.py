"""One-time messages: a code of a fixed set (with an optional number), kept in a cookie across a redirect."""

import re

import msgspec

from renga.kernel.errors import RengaError

#: Successes and notices.
NOTICES = (
    "added",
    "added_fresh",
    "updated",
    "removed",
    "currency_changed",
    "currency_kept",
    "logged_out",
    "address_verified",
    "password_set",
    "password_changed",
    "totp_removed",
    "passkey_added",
    "passkey_removed",
    "session_ended",
    "sessions_ended",
    "address_saved",
    "address_removed",
    "key_revoked",
    "consent_withdrawn",
    "account_erased",
    "invitation_accepted",
    "merchant_left",
)

#: Errors shown beside the form that caused them; all others get an error page.
PROBLEMS = (
    "quantity_out_of_range",
    "line_limit",
    "cart_too_large",
    "currency_unavailable",
    "variant_not_available",
    "out_of_stock",
    "coupon_limit",
    "coupon_invalid",
    "cart_completed",
    "cart_busy",
    "cart_expired",
    "cart_merged",
    "cart_not_found",
    "line_not_found",
    "version_conflict",
    "idempotency_conflict",
    "second_factor_required",
    "last_owner",
)

_SHAPE = re.compile(r"([a-z_]{1,40})(?:\.([0-9]{1,9}))?")


class Flash(msgspec.Struct, frozen=True):
    """``limit`` is the bound named by a refusal (quantity of an item, number of lines)."""

    code: str
    limit: int | None = None

    @property
    def problem(self) -> bool:
        return self.code in PROBLEMS

    @property
    def key(self) -> str:
        """The key of its text; a refusal with a limit has a different text."""
        return f"flash.{self.code}" if self.limit is None else f"flash.{self.code}.limit"


def encode(flash: Flash) -> str:
    return flash.code if flash.limit is None else f"{flash.code}.{flash.limit}"


def decode(text: str | None) -> Flash | None:
    """The message in a cookie; None for an unknown code."""
    match = _SHAPE.fullmatch(text or "")
    if not match or match[1] not in NOTICES + PROBLEMS:
        return None
    with_limit = match[2] is not None and match[1] in LIMITED
    return Flash(match[1], int(match[2]) if with_limit else None)


#: Refusals with a text that names the limit.
LIMITED = ("quantity_out_of_range", "line_limit", "out_of_stock")


def of_error(error: RengaError) -> Flash | None:
    """The message for an error shown beside its form; None if it gets an error page."""
    if error.code not in PROBLEMS:
        return None
    limit = next((error.extra[name] for name in ("limit", "maximum", "available") if name in error.extra), None)
    known = error.code in LIMITED and isinstance(limit, int) and 0 < limit < 10**9
    return Flash(error.code, limit if known else None)
