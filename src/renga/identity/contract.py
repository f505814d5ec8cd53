"""What others may ask of identity: who somebody is, what she may do, how she proves it. Times are RFC 3339, lives seconds."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import msgspec

from renga.kernel.errors import Conflict, Forbidden, NotFound, Unauthenticated, Unprocessable
from renga.kernel.once import Once

#: What an account may be; one account may be several (a merchant's clerk also buys).
Stakeholder = Literal["customer", "merchant", "operator", "finance", "admin", "service"]
#: What a member may do for her merchant: everything; everything but members and keys; products and orders only.
MerchantRole = Literal["owner", "manager", "clerk"]


class AccountNotFound(NotFound):
    code = "account_not_found"
    title = "There is no such account"


class EmailInvalid(Unprocessable):
    code = "email_invalid"
    title = "This is not an e-mail address"


class PasswordRefused(Unprocessable):
    """``reason`` is too_short, too_long, weak or breached."""

    code = "password_refused"
    title = "This password is too easy to guess"


class CredentialsRefused(Unauthenticated):
    """The same for a wrong password, an unknown address, a locked or an unverified account: nobody learns which."""

    code = "credentials_refused"
    title = "The address or the password is wrong"


class SecondFactorRefused(Unauthenticated):
    code = "second_factor_refused"
    title = "This code is wrong or was used before"


class LinkInvalid(Unprocessable):
    """A verification or recovery link that is wrong, used or too old."""

    code = "link_invalid"
    title = "This link does not work any more"


class PasskeyRefused(Unauthenticated):
    code = "passkey_refused"
    title = "This passkey was not accepted"


class SecondFactorRequired(Forbidden):
    code = "second_factor_required"
    title = "Staff accounts need a second factor first"


class MerchantNotFound(NotFound):
    code = "merchant_not_found"
    title = "There is no such merchant"


class MemberNotFound(NotFound):
    code = "member_not_found"
    title = "There is no such member"


class LastOwner(Conflict):
    code = "last_owner"
    title = "A merchant needs at least one owner"


class SlugTaken(Conflict):
    code = "slug_taken"
    title = "Another merchant has this slug"


class OrganisationInvalid(Unprocessable):
    """A name, a slug, a life or a limit that is out of its bounds; ``field`` says which."""

    code = "organisation_invalid"
    title = "A value is out of its bounds"


class TooMany(Conflict):
    """As many merchants, members, keys or clients as one may have; ``limit`` says how many that is."""

    code = "too_many"
    title = "There are as many as there may be"


class KeyNotActive(Conflict):
    code = "api_key_not_active"
    title = "This key was revoked, rotated or has expired"


class KeyNotFound(NotFound):
    code = "api_key_not_found"
    title = "There is no such API key"


class ScopeNotAllowed(Forbidden):
    code = "scope_not_allowed"
    title = "These scopes are not yours to give"


class ClientNotFound(NotFound):
    code = "client_not_found"
    title = "There is no such client"


class ClientInvalid(Unprocessable):
    """``field`` is the member of the client that is wrong."""

    code = "client_invalid"
    title = "This client cannot be registered"


class ClientIdTaken(Conflict):
    code = "client_id_taken"
    title = "Another client has this id"


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


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
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
    """People and their proofs. Every method may raise Unavailable; those with an account id raise AccountNotFound."""

    async def register(self, email: str, password: str, name: str, language: str, visitor: Visitor) -> None:
        """Ask for an account. The answer is the same whether the address is new or taken: a mail tells its owner.

        Raises EmailInvalid, PasswordRefused.
        """
        ...

    async def verify_email(self, link: str) -> Account:
        """The address is hers. Raises LinkInvalid."""
        ...

    async def log_in(self, email: str, password: str, visitor: Visitor) -> Authenticated:
        """First factor. Takes as long for an unknown address as for a known one. Raises CredentialsRefused."""
        ...

    async def check_second_factor(self, account_id: str, code: str, visitor: Visitor) -> Authenticated:
        """A TOTP code or a recovery code (used up by it). Raises SecondFactorRefused."""
        ...

    async def find(self, account_id: str) -> Account:
        """The account."""
        ...

    async def change_profile(
        self, account_id: str, *, name: str | None, language: str | None, visitor: Visitor
    ) -> Account:
        """Another name or language; None leaves it as it is. Raises Unprocessable (name)."""
        ...

    async def change_password(
        self, account_id: str, old: str, new: str, visitor: Visitor, *, keep_session: str | None = None
    ) -> None:
        """Raises CredentialsRefused, PasswordRefused. Every session (but ``keep_session``) and refresh token of hers ends."""
        ...

    async def start_recovery(self, email: str, visitor: Visitor) -> None:
        """Send a link, if there is such an account; the answer and its time are the same if not."""
        ...

    async def finish_recovery(self, link: str, password: str, visitor: Visitor) -> Account:
        """Set a new password; every session and refresh token of hers ends. Raises LinkInvalid, PasswordRefused."""
        ...

    async def start_totp(self, account_id: str) -> TotpEnrolment:
        """A new secret, not active yet. In place of an active one: SecondFactorRequired, if no code was checked lately."""
        ...

    async def confirm_totp(self, account_id: str, code: str) -> tuple[str, ...]:
        """Activate it; answers with ten recovery codes, shown once. Raises SecondFactorRefused."""
        ...

    async def remove_totp(self, account_id: str, code: str) -> None:
        """Raises SecondFactorRefused, SecondFactorRequired (staff)."""
        ...

    async def start_passkey(self, account_id: str) -> dict[str, Any]:
        """WebAuthn creation options (JSON) for ``navigator.credentials.create``."""
        ...

    async def finish_passkey(self, account_id: str, credential: dict[str, Any], name: str) -> None:
        """Keep the passkey. Raises PasskeyRefused."""
        ...

    async def passkeys(self, account_id: str) -> tuple[Passkey, ...]:
        """Hers, the oldest first."""
        ...

    async def remove_passkey(self, account_id: str, passkey_id: str) -> None:
        """Forget it; one that is not there is no error."""
        ...

    async def start_passkey_login(self) -> tuple[str, dict[str, Any]]:
        """A challenge id and WebAuthn request options for ``navigator.credentials.get``."""
        ...

    async def passkey_login(self, challenge: str, credential: dict[str, Any], visitor: Visitor) -> Authenticated:
        """Both factors in one. Raises PasskeyRefused."""
        ...

    async def addresses(self, account_id: str) -> tuple[SavedAddress, ...]:
        """Her addresses, the default first."""
        ...

    async def save_address(
        self, account_id: str, address: Address, *, address_id: str | None, default: bool
    ) -> SavedAddress:
        """New, or in place of ``address_id`` (AddressNotFound is AccountNotFound's kin: NotFound)."""
        ...

    async def remove_address(self, account_id: str, address_id: str) -> None:
        """Forget it; one that is not there is no error."""
        ...

    async def export(self, account_id: str) -> dict[str, Any]:
        """Everything about a person, for LGPD article 18 and GDPR article 15, ready for JSON."""
        ...

    async def erase(self, account_id: str, visitor: Visitor) -> None:
        """Make a person unrecognisable: names, addresses, proofs and sessions go; ids in books stay. Not to be undone."""
        ...


class Merchant(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    slug: str
    created_at: str


class Member(msgspec.Struct, frozen=True, kw_only=True):
    account_id: str
    email: str
    name: str
    role: MerchantRole


class Merchants(Protocol):
    """Merchants as organisations. ``by`` is the account that acts; without the role it needs: Forbidden.

    Every method with a merchant's id raises MerchantNotFound for who is no member of it. ``once`` makes a creation happen
    once per key (IdempotencyConflict: the key was used for another request); ``visitor`` is for the audit trail.
    """

    async def create(
        self, by: str, name: str, slug: str, *, visitor: Visitor | None = None, once: Once | None = None
    ) -> Merchant:
        """A new merchant with ``by`` as its owner. Raises SlugTaken, OrganisationInvalid, TooMany, AccountNotFound."""
        ...

    async def of_account(self, account_id: str) -> tuple[tuple[Merchant, MerchantRole], ...]:
        """The merchants she is a member of."""
        ...

    async def find(self, by: str, merchant_id: str) -> Merchant:
        """One of hers."""
        ...

    async def rename(self, by: str, merchant_id: str, name: str, *, visitor: Visitor | None = None) -> Merchant:
        """Another name; the slug stays. Raises OrganisationInvalid."""
        ...

    async def close(self, by: str, merchant_id: str, *, visitor: Visitor | None = None) -> None:
        """End it: nobody is a member any more, its keys are revoked. Its id stays in the books, its slug stays taken."""
        ...

    async def members(self, by: str, merchant_id: str) -> tuple[Member, ...]:
        """Owners first, then by address."""
        ...

    async def set_member(
        self, by: str, merchant_id: str, email: str, role: MerchantRole, *, visitor: Visitor | None = None
    ) -> Member:
        """Add or change. Raises MemberNotFound (no verified account of that address), LastOwner, TooMany."""
        ...

    async def remove_member(
        self, by: str, merchant_id: str, account_id: str, *, visitor: Visitor | None = None
    ) -> None:
        """Her keys of this merchant are revoked with it; anyone may leave. Raises MemberNotFound, LastOwner."""
        ...


class RateLimit(msgspec.Struct, frozen=True, kw_only=True):
    """``per_minute`` sustained, ``burst`` at once."""

    per_minute: int
    burst: int


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it may be shown: never the key itself. ``prefix`` is its readable beginning."""

    id: str
    name: str
    prefix: str
    merchant_id: str | None
    account_id: str
    scopes: tuple[str, ...]
    limit: RateLimit
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked: bool


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that was just made: ``key`` is shown this once."""

    info: ApiKey
    key: str


class ApiKeys(Protocol):
    """API keys of an account or of its merchant. ``visitor`` and ``once`` as with Merchants."""

    async def create(
        self,
        by: str,
        name: str,
        scopes: Sequence[str],
        *,
        merchant_id: str | None,
        life_s: int | None,
        limit: RateLimit | None,
        visitor: Visitor | None = None,
        once: Once | None = None,
    ) -> NewKey:
        """Raises ScopeNotAllowed (beyond what ``by`` may), MerchantNotFound, Forbidden, OrganisationInvalid, TooMany."""
        ...

    async def of_owner(self, by: str, merchant_id: str | None) -> tuple[ApiKey, ...]:
        """Newest first. Raises MerchantNotFound, Forbidden."""
        ...

    async def rotate(
        self, by: str, key_id: str, *, overlap_s: int, visitor: Visitor | None = None, once: Once | None = None
    ) -> NewKey:
        """A successor with the same scopes, limit and life; the old key works ``overlap_s`` more seconds.

        Raises KeyNotFound, KeyNotActive, ScopeNotAllowed (``by`` may less than the key), OrganisationInvalid, Forbidden.
        """
        ...

    async def revoke(self, by: str, key_id: str, *, visitor: Visitor | None = None) -> None:
        """At once (everywhere within seconds). Raises KeyNotFound, Forbidden; a revoked key is no error."""
        ...

    async def check(self, key: str) -> ApiKey | None:
        """The key's entry if it is valid now, else None. Cached for seconds; keeps when it was last used.

        ``scopes`` are those that its maker may use now: never more than the key was given, less once she lost a role.
        """
        ...


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """An OAuth client. ``secret_hashed`` or ``jwks`` authenticate a confidential one; a public one has neither.

    ``redirect_uris`` are matched exactly. ``first_party`` skips the consent screen.
    """

    id: str
    name: str
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ("authorization_code", "refresh_token")
    scopes: tuple[str, ...] = ()
    auth_method: Literal["none", "client_secret_basic", "client_secret_post", "private_key_jwt"] = "none"
    secret_hashed: str | None = None
    jwks: dict[str, Any] | None = None
    first_party: bool = False
    dpop_required: bool = False
    account_id: str | None = None


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What a person allowed a client; ``since`` is when she last added to it."""

    client_id: str
    client_name: str
    scopes: tuple[str, ...]
    since: str


class Clients(Protocol):
    """The registered OAuth clients (service clients included). ``by`` and ``visitor`` are for the audit trail."""

    async def find(self, client_id: str) -> Client:
        """Raises ClientNotFound. Cached for seconds."""
        ...

    async def register(
        self, client: Client, *, by: str | None = None, visitor: Visitor | None = None, once: Once | None = None
    ) -> tuple[Client, str | None]:
        """Keep it; answers with the secret (shown this once) where its method has one. An empty id is filled in.

        Raises ClientInvalid, ClientIdTaken, TooMany.
        """
        ...

    async def check_secret(self, client: Client, secret: str) -> bool:
        """Is this the client's secret? Compared in constant time; False for a client without one."""
        ...

    async def remove(self, client_id: str, *, by: str | None = None, visitor: Visitor | None = None) -> None:
        """Forget it; its tokens end. Raises ClientNotFound."""
        ...

    async def all(self) -> tuple[Client, ...]:
        """By name."""
        ...

    async def consented(self, account_id: str, client_id: str) -> frozenset[str]:
        """The scopes that she has allowed this client."""
        ...

    async def consents(self, account_id: str) -> tuple[Consent, ...]:
        """All that she has allowed, by the client's name."""
        ...

    async def consent(
        self, account_id: str, client_id: str, scopes: Sequence[str], *, visitor: Visitor | None = None
    ) -> None:
        """She allows these (added to what she allowed before). Raises ClientNotFound, AccountNotFound."""
        ...

    async def withdraw(self, account_id: str, client_id: str, *, visitor: Visitor | None = None) -> None:
        """She allows nothing any more; its tokens for her end. What was never allowed is no error."""
        ...


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what to whom, from where. ``action`` is a past-tense name such as ``login_failed``; ``id`` the entry's own."""

    at: str
    action: str
    account_id: str | None
    by: str | None
    address: str
    details: dict[str, Any] = {}
    id: str = ""


class Audit(Protocol):
    """The audit trail; written in the transaction of what it tells, never changed."""

    async def entries(
        self, *, account_id: str | None, limit: int = 100, before: str | None = None
    ) -> tuple[AuditEntry, ...]:
        """Newest first, at most 500; ``before`` is an entry's id: the page after it."""
        ...


# consent screen


class ConsentNotFound(NotFound):
    """No such request, not hers, answered already, or too old."""

    code = "consent_not_found"
    title = "This request is not open any more"


class PendingConsent(msgspec.Struct, frozen=True, kw_only=True):
    """A client's open request for consent. ``redirect_host`` is where the answer goes, ``account_email`` who was asked."""

    client_name: str
    redirect_host: str
    scopes: tuple[str, ...]
    account_email: str


class Consents(Protocol):
    """The authorization server's side of the consent screen. The page asks only whom ``account_email`` names."""

    async def pending(self, request_id: str) -> PendingConsent:
        """Raises ConsentNotFound."""
        ...

    async def decide(self, request_id: str, allow: bool) -> str:
        """Allow or deny; answers the address to go on to (the client's, exact). Once. Raises ConsentNotFound."""
        ...
