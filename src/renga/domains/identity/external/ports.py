"""What logging in with another provider needs: the provider, its people's links to accounts, accounts by verified address."""

from typing import Protocol

import msgspec

from renga.domains.identity.contract import Account
from renga.kernel.errors import Unauthenticated


class ProviderRefused(Unauthenticated):
    """The provider, or whoever answered for it, did not prove who they are."""

    code = "external_login_refused"
    title = "The login at the other provider did not work"


class Metadata(msgspec.Struct, frozen=True):
    """The part of a discovery document that is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    authorization_response_iss_parameter_supported: bool = False


class ExternalPerson(msgspec.Struct, frozen=True):
    """What an ID token says of its person, and whom it is for."""

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
    """One external identity provider. Raises Unavailable when it is away, ProviderRefused."""

    @property
    def client_id(self) -> str:
        """As which client the shop is known there."""
        ...

    @property
    def scope(self) -> str:
        """What the shop asks it for, separated by blanks."""
        ...

    async def metadata(self) -> Metadata:
        """Its discovery document, at most some minutes old."""
        ...

    async def person(self, code: str, *, redirect_uri: str, verifier: str, nonce: str) -> ExternalPerson:
        """Who logged in, for the code that came back."""
        ...


class ExternalIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """A person at another provider; ``subject`` is the provider's own id of her."""

    provider: str
    subject: str
    account_id: str


class ExternalIdentities(Protocol):
    """Which account a person of another provider is. Raises Unavailable."""

    async def find(self, provider: str, subject: str) -> ExternalIdentity | None:
        """The link, if there is one."""
        ...

    async def link(self, identity: ExternalIdentity, *, address: str, now_ms: int) -> bool:
        """Keep a link, audited. False: this person or this account is linked otherwise already."""
        ...

    async def of_account(self, account_id: str) -> tuple[ExternalIdentity, ...]:
        """Her links."""
        ...


class VerifiedAccounts(Protocol):
    """What signing in with another provider needs of accounts. Raises Unavailable."""

    async def of_email(self, email: str) -> Account | None:
        """The account of this address, verified or not."""
        ...

    async def open(self, account_id: str) -> Account | None:
        """The account, if it is one that may be used: neither erased nor locked."""
        ...

    async def create_verified(self, email: str, name: str, language: str, address: str) -> Account | None:
        """A customer without a password whose address the provider has verified; None if the address is taken."""
        ...
