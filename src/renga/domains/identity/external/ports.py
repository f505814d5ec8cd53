"""Ports of external logins: the provider, links to accounts, accounts by verified address."""

from typing import Protocol

import msgspec

from renga.domains.identity.contract import Account
from renga.kernel.errors import Unauthenticated


class ProviderRefused(Unauthenticated):
    """The provider's answer is an error or could not be verified."""

    code = "external_login_refused"
    title = "The login at the other provider did not work"


class Metadata(msgspec.Struct, frozen=True):
    """The members of a discovery document that are used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    authorization_response_iss_parameter_supported: bool = False


class ExternalPerson(msgspec.Struct, frozen=True):
    """The claims of an ID token about its person, and its audience."""

    sub: str
    iss: str
    aud: str | list[str]
    exp: int
    iat: int
    nonce: str = ""
    azp: str | None = None
    at_hash: str | None = None
    email: str | None = None
    email_verified: bool = False
    name: str = ""
    locale: str = ""


class LoginProvider(Protocol):
    """One external identity provider. Raises Unavailable, ProviderRefused."""

    @property
    def client_id(self) -> str:
        """The shop's client id at the provider."""
        ...

    @property
    def scope(self) -> str:
        """The scopes that the shop requests, separated by spaces."""
        ...

    async def metadata(self) -> Metadata:
        """Its discovery document, cached for minutes."""
        ...

    async def person(self, code: str, *, redirect_uri: str, verifier: str, nonce: str) -> ExternalPerson:
        """The person who logged in, for the code of the callback."""
        ...


class ExternalIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """A person at an external provider; ``subject`` is the provider's id for them."""

    provider: str
    subject: str
    account_id: str


class ExternalIdentities(Protocol):
    """Links from external identities to accounts. Raises Unavailable."""

    async def find(self, provider: str, subject: str) -> ExternalIdentity | None:
        """The link, or None."""
        ...

    async def link(self, identity: ExternalIdentity, *, address: str, now_ms: int) -> bool:
        """Store a link, with an audit entry. False: the person or the account already has another link."""
        ...

    async def of_account(self, account_id: str) -> tuple[ExternalIdentity, ...]:
        """The account's links."""
        ...


class VerifiedAccounts(Protocol):
    """What external logins need of accounts. Raises Unavailable."""

    async def of_email(self, email: str) -> Account | None:
        """The account of this address, verified or not."""
        ...

    async def open(self, account_id: str) -> Account | None:
        """The account, if it is neither erased nor locked."""
        ...

    async def create_verified(self, email: str, name: str, language: str, address: str) -> Account | None:
        """Create a customer without a password, whose address the provider verified; None if the address is taken."""
        ...
