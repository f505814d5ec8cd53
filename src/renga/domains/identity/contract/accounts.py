"""A person and her proofs: registration, login, factors, addresses, export and erasure."""

from typing import Any, Literal, Protocol

import msgspec

from renga.kernel.caller import Caller
from renga.kernel.once import Once

#: What an account may be; one account may be several (a merchant's clerk also buys).
Stakeholder = Literal["customer", "merchant", "operator", "finance", "admin", "service"]
#: Kinds of accounts whose rights need a login with a second factor.
STAFF: frozenset[Stakeholder] = frozenset({"merchant", "operator", "finance", "admin"})

#: What could take an account over needs a login that is at most this old, whatever the face.
FRESH_LOGIN_S = 15 * 60


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A person (or a service). ``stakeholders`` is what she may act as; ``second_factor`` whether one is set up."""

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
    """The outcome of a first factor. With ``second_factor_needed`` the login is not complete: no session counts as hers yet.

    ``amr`` names the methods (RFC 8176): pwd, otp, hwk, mfa.
    """

    account: Account
    second_factor_needed: bool
    amr: tuple[str, ...]


class CallOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """From where a call comes, for delays, lock-outs and the audit trail: address of the network and the user agent."""

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
    phone: str = ""


class SavedAddress(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    address: Address
    default: bool


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey as its owner sees it. ``id`` is the credential id, base64url."""

    id: str
    name: str
    created_at: str
    used_at: str | None


class TotpEnrolment(msgspec.Struct, frozen=True, kw_only=True):
    """A secret that is not active before its first code was given: ``uri`` (otpauth://) and its picture (SVG)."""

    secret: str
    uri: str
    picture: str


class Accounts(Protocol):
    """People and their proofs. Every method may raise Unavailable.

    The caller comes first and is the account in question: nobody reaches another one's here. Those methods raise
    AccountNotFound, and Unauthenticated for a guest. ``origin`` is where a call comes from, never who calls.

    Changes of proofs, ``export`` and ``erase`` need a login that is at most FRESH_LOGIN_S old: FreshLoginRequired.

    ``once`` makes a change happen once per key: later calls get the first one's answer (IdempotencyConflict: the key was used
    for another request).
    """

    async def register(self, email: str, password: str, name: str, language: str, origin: CallOrigin) -> None:
        """Ask for an account. The answer is the same whether the address is new or taken: a mail tells its owner.

        Raises EmailInvalid, PasswordRefused.
        """
        ...

    async def verify_email(self, link: str) -> Account:
        """The address is hers. Raises LinkInvalid."""
        ...

    async def log_in(self, email: str, password: str, origin: CallOrigin) -> Authenticated:
        """First factor. Takes as long for an unknown address as for a known one. Raises CredentialsRefused."""
        ...

    async def check_second_factor(self, account_id: str, code: str, origin: CallOrigin) -> Authenticated:
        """A TOTP code or a recovery code (used up by it), of who is no caller yet. Raises SecondFactorRefused."""
        ...

    async def find(self, caller: Caller) -> Account:
        """The account."""
        ...

    async def change_profile(
        self, caller: Caller, *, name: str | None, language: str | None, origin: CallOrigin
    ) -> Account:
        """Another name or language; None leaves it as it is. Raises NameInvalid."""
        ...

    async def change_password(
        self, caller: Caller, old: str, new: str, origin: CallOrigin, *, keep_session: str | None = None
    ) -> None:
        """Raises CredentialsRefused, PasswordRefused. Every session (but ``keep_session``) and refresh token of hers ends."""
        ...

    async def start_recovery(self, email: str, origin: CallOrigin) -> None:
        """Send a link, if there is such an account; the answer and its time are the same if not."""
        ...

    async def finish_recovery(self, link: str, password: str, origin: CallOrigin) -> Account:
        """Set a new password; every session and refresh token of hers ends. Raises LinkInvalid, PasswordRefused."""
        ...

    async def start_totp(self, caller: Caller, *, once: Once | None = None) -> TotpEnrolment:
        """A new secret, not active yet. In place of an active one: SecondFactorRequired, if no code was checked lately."""
        ...

    async def confirm_totp(self, caller: Caller, code: str, *, once: Once | None = None) -> tuple[str, ...]:
        """Activate it; answers with ten recovery codes, shown once. Raises SecondFactorRefused."""
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
        """Keep the passkey. Raises PasskeyRefused."""
        ...

    async def passkeys(self, caller: Caller) -> tuple[Passkey, ...]:
        """Hers, the oldest first."""
        ...

    async def remove_passkey(self, caller: Caller, passkey_id: str) -> None:
        """Forget it; one that is not there is no error."""
        ...

    async def start_passkey_login(self) -> tuple[str, dict[str, Any]]:
        """A challenge id and WebAuthn request options for ``navigator.credentials.get``."""
        ...

    async def passkey_login(self, challenge: str, credential: dict[str, Any], origin: CallOrigin) -> Authenticated:
        """Both factors in one. Raises PasskeyRefused."""
        ...

    async def addresses(self, caller: Caller) -> tuple[SavedAddress, ...]:
        """Her addresses, the default first."""
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
        """New, or in place of ``address_id`` (AddressNotFound is AccountNotFound's kin: NotFound)."""
        ...

    async def remove_address(self, caller: Caller, address_id: str) -> None:
        """Forget it; one that is not there is no error."""
        ...

    async def export(self, caller: Caller) -> dict[str, Any]:
        """Everything about a person, for LGPD article 18 and GDPR article 15, ready for JSON."""
        ...

    async def erase(self, caller: Caller, origin: CallOrigin) -> None:
        """Make a person unrecognisable: names, addresses, proofs and sessions go; ids in books stay. Not to be undone."""
        ...
