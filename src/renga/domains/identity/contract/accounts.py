"""Accounts and their credentials: registration, login, factors, addresses, export and erasure."""

from typing import Any, Literal, Protocol

import msgspec

from renga.kernel.caller import Caller
from renga.kernel.identifiers import Identifier
from renga.kernel.once import Once

#: Kinds of accounts. One account may have several (an employee of a merchant also buys). ``processor`` is a payment partner.
Stakeholder = Literal["customer", "merchant", "operator", "finance", "processor", "admin", "service"]
#: Kinds of accounts that have their rights only after a login with a second factor.
STAFF: frozenset[Stakeholder] = frozenset({"merchant", "operator", "finance", "processor", "admin"})

#: What could take an account over needs a login that is at most this old, whatever the face.
FRESH_LOGIN_S = 15 * 60


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A person (or a service). ``stakeholders`` are the kinds of the account; ``second_factor``: one is set up."""

    id: str
    email: str
    email_verified: bool
    name: str
    language: str
    stakeholders: tuple[Stakeholder, ...]
    second_factor: bool
    passkeys: int
    created_at: str


class Authenticated(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a first factor. With ``second_factor_needed`` the login is not complete: give no session to the account yet.

    ``amr`` names the methods (RFC 8176): pwd, otp, hwk, mfa.
    """

    account: Account
    second_factor_needed: bool
    amr: tuple[str, ...]


class CallOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a call comes from, for throttling and the audit trail: network address and user agent."""

    address: str
    agent: str = ""


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A postal address. ``country`` is ISO 3166-1 alpha-2; ``postal_code`` a CEP (8 digits) in Brazil."""

    name: str
    line1: str
    line2: str = ""
    district: str = ""
    city: str
    region: str
    postal_code: str
    country: str
    phone: Identifier = ""


class SavedAddress(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    address: Address
    default: bool


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey as shown to its owner. ``id`` is the credential id, base64url."""

    id: str
    name: str
    created_at: str
    used_at: str | None


class TotpEnrolment(msgspec.Struct, frozen=True, kw_only=True):
    """A TOTP secret, inactive until a first code confirms it: ``uri`` (otpauth://) and its QR code (SVG)."""

    secret: str
    uri: str
    picture: str


class Accounts(Protocol):
    """Accounts and their credentials. Every method may raise Unavailable.

    ``caller`` is the first parameter and names the account: no method reaches another account. Methods with a caller raise
    AccountNotFound, and Unauthenticated for a guest. ``origin`` is where a call comes from; it never identifies the caller.

    Changes of proofs, ``export`` and ``erase`` need a login that is at most FRESH_LOGIN_S old: FreshLoginRequired.

    ``once`` is an idempotency key: repeated calls get the first call's answer (IdempotencyConflict: the key was used
    for another request).
    """

    async def register(self, email: str, password: str, name: str, language: str, origin: CallOrigin) -> None:
        """Request an account. The result is the same for a new and a taken address; a mail tells its owner which it was.

        Raises EmailInvalid, PasswordRefused.
        """
        ...

    async def verify_email(self, link: str) -> Account:
        """Confirm the address by the link of the mail. Raises LinkInvalid."""
        ...

    async def log_in(self, email: str, password: str, origin: CallOrigin) -> Authenticated:
        """First factor. Takes the same time for unknown and known addresses. Raises CredentialsRefused."""
        ...

    async def check_second_factor(self, account_id: str, code: str, origin: CallOrigin) -> Authenticated:
        """Check a TOTP code or a recovery code and use it up, before the login is complete. Raises SecondFactorRefused."""
        ...

    async def find(self, caller: Caller) -> Account:
        """The caller's account."""
        ...

    async def change_profile(
        self, caller: Caller, *, name: str | None, language: str | None, origin: CallOrigin
    ) -> Account:
        """Change name or language; None keeps it. Raises NameInvalid."""
        ...

    async def change_password(
        self, caller: Caller, old: str, new: str, origin: CallOrigin, *, keep_session: str | None = None
    ) -> None:
        """Raises CredentialsRefused, PasswordRefused. Ends every session (except ``keep_session``) and every refresh token."""
        ...

    async def start_recovery(self, email: str, origin: CallOrigin) -> None:
        """Send a link if the account exists; result and duration are the same if it does not."""
        ...

    async def finish_recovery(self, link: str, password: str, origin: CallOrigin) -> Account:
        """Set a new password; ends every session and refresh token. Raises LinkInvalid, PasswordRefused."""
        ...

    async def start_totp(self, caller: Caller, *, once: Once | None = None) -> TotpEnrolment:
        """A new secret, not active yet. Raises SecondFactorRequired if a secret is active and no code was checked recently."""
        ...

    async def confirm_totp(self, caller: Caller, code: str, *, once: Once | None = None) -> tuple[str, ...]:
        """Activate the new secret; returns ten recovery codes, shown once. Raises SecondFactorRefused."""
        ...

    async def remove_totp(self, caller: Caller, code: str, *, once: Once | None = None) -> None:
        """Raises SecondFactorRefused, SecondFactorRequired (staff)."""
        ...

    async def start_passkey(self, caller: Caller, *, once: Once | None = None) -> dict[str, Any]:
        """WebAuthn creation options (JSON) for ``navigator.credentials.create``."""
        ...

    async def finish_passkey(
        self, caller: Caller, credential: dict[str, Any], name: str, *, once: Once | None = None
    ) -> None:
        """Register the passkey. Raises PasskeyRefused."""
        ...

    async def passkeys(self, caller: Caller) -> tuple[Passkey, ...]:
        """The account's passkeys, oldest first."""
        ...

    async def remove_passkey(self, caller: Caller, passkey_id: str) -> None:
        """Remove it; no error if there is none."""
        ...

    async def start_passkey_login(self) -> tuple[str, dict[str, Any]]:
        """A challenge id and WebAuthn request options for ``navigator.credentials.get``."""
        ...

    async def passkey_login(self, challenge: str, credential: dict[str, Any], origin: CallOrigin) -> Authenticated:
        """Log in by passkey, which counts as both factors. Raises PasskeyRefused."""
        ...

    async def addresses(self, caller: Caller) -> tuple[SavedAddress, ...]:
        """The account's addresses, the default first."""
        ...

    async def save_address(
        self,
        caller: Caller,
        address: Address,
        *,
        address_id: str | None,
        default: bool,
        once: Once | None = None,
    ) -> SavedAddress:
        """Add an address, or replace ``address_id``: AddressNotFound if there is no such address."""
        ...

    async def remove_address(self, caller: Caller, address_id: str) -> None:
        """Remove it; no error if there is none."""
        ...

    async def export(self, caller: Caller) -> dict[str, Any]:
        """All data about the person as JSON-ready values (LGPD article 18, GDPR article 15)."""
        ...

    async def erase(self, caller: Caller, origin: CallOrigin) -> None:
        """Anonymise the account: names, addresses, credentials and sessions are deleted; ids in records stay. Irreversible."""
        ...
