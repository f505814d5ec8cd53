"""Login with an external provider, and linking it to an account: only by verified address, with the owner's consent."""

import hmac
import secrets
from collections.abc import Mapping
from typing import Literal

import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped] # authlib ships no types

from renga.domains.identity.contract import FRESH_LOGIN_S, Account
from renga.domains.identity.external.ports import (
    ExternalIdentities,
    ExternalIdentity,
    ExternalPerson,
    LoginProvider,
    ProviderRefused,
    VerifiedAccounts,
)
from renga.domains.identity.oauth.model.redirects import with_parameters
from renga.domains.identity.oauth.ports import PendingRequestStore
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock
from renga.kernel.errors import Conflict, NotFound

LOGIN_LIFE_S = LINK_LIFE_S = 600
HANDLE_CHARACTERS_MAX = 64
#: The ``amr`` of an external login: one factor, whatever the provider checked.
AMR = ("fed",)


class ProviderNotFound(NotFound):
    code = "identity_provider_not_found"
    title = "There is no such identity provider"


class LinkTaken(Conflict):
    code = "external_identity_taken"
    title = "This login is linked to another account already"


class _Begun(msgspec.Struct, frozen=True, kw_only=True):
    provider: str
    browser: str
    nonce: str
    verifier: str
    next: str
    #: The logged-in account that started the linking, if any.
    account_id: str | None = None


class _Link(msgspec.Struct, frozen=True, kw_only=True):
    provider: str
    subject: str
    #: The account that may confirm the link.
    account_id: str


class LoginOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """``logged_in``: this account, with these methods. ``confirm``: its owner logs in if needed and confirms ``link``.

    ``unverified``: the provider has not verified the address and no account is linked: nothing happened.
    """

    kind: Literal["logged_in", "confirm", "unverified"]
    next: str
    account: Account | None = None
    amr: tuple[str, ...] = AMR
    link: str = ""


class ExternalLogins:
    """``redirect_uri`` is our own callback, with ``{provider}`` in it. Raises Unavailable."""

    def __init__(
        self,
        providers: Mapping[str, LoginProvider],
        *,
        memory: PendingRequestStore,
        identities: ExternalIdentities,
        verified: VerifiedAccounts,
        redirect_uri: str,
        clock: Clock,
    ) -> None:
        self._providers = providers
        self._memory = memory
        self._identities = identities
        self._verified = verified
        self._redirect_uri = redirect_uri
        self._clock = clock

    async def start(self, provider: str, *, browser: str, next: str, account_id: str | None = None) -> str:
        """The provider's URL to redirect to. ``next`` is a local path; ``account_id`` is the logged-in account that links.

        Raises ProviderNotFound.
        """
        external = self._provider(provider)
        metadata = await external.metadata()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        own = next if next.startswith("/") and not next.startswith(("//", "/\\")) else "/"
        begun = _Begun(
            provider=provider, browser=browser, nonce=nonce, verifier=verifier, next=own, account_id=account_id
        )
        await self._memory.keep_text(f"external:{state}", msgspec.json.encode(begun), LOGIN_LIFE_S)
        parameters = [
            ("response_type", "code"),
            ("client_id", external.client_id),
            ("redirect_uri", self._redirect_uri.format(provider=provider)),
            ("scope", external.scope),
            ("state", state),
            ("nonce", nonce),
            ("code_challenge", create_s256_code_challenge(verifier)),
            ("code_challenge_method", "S256"),
        ]
        return with_parameters(metadata.authorization_endpoint, parameters)

    async def finish(
        self, provider: str, values: Mapping[str, str], *, browser: str, address: str, account_id: str | None
    ) -> LoginOutcome:
        """Handle the provider's callback. ``account_id`` is the account logged in now.

        Raises ProviderRefused, ProviderNotFound, LinkTaken.
        """
        external = self._provider(provider)
        begun = await self._begun(values.get("state", ""))
        if begun is None or begun.provider != provider or not hmac.compare_digest(begun.browser, browser):
            raise ProviderRefused("this login did not begin in this browser, or too long ago")
        metadata = await external.metadata()
        issuer = values.get("iss", "" if metadata.authorization_response_iss_parameter_supported else metadata.issuer)
        if issuer != metadata.issuer or "error" in values or "code" not in values:
            raise ProviderRefused("the provider refused, or another one answered")
        redirect_uri = self._redirect_uri.format(provider=provider)
        person = await external.person(
            values["code"], redirect_uri=redirect_uri, verifier=begun.verifier, nonce=begun.nonce
        )
        if begun.account_id is not None and begun.account_id != account_id:
            raise ProviderRefused("somebody else is logged in now")
        return await self._settle(provider, person, begun, address)

    async def confirm(self, link: str, *, caller: Caller, address: str) -> None:
        """The logged-in owner confirms the link, once.

        Raises ProviderRefused (another account's, or expired), LinkTaken, FreshLoginRequired.
        """
        account_id = caller.proved_within(FRESH_LOGIN_S, self._clock.now_ms())
        kept = await self._memory.take_text(f"link:{link}") if len(link) <= HANDLE_CHARACTERS_MAX else None
        wanted = None if kept is None else msgspec.json.decode(kept, type=_Link)
        if wanted is None or wanted.account_id != account_id:
            raise ProviderRefused("there is nothing to confirm")
        await self._link(wanted.provider, wanted.subject, account_id, address)

    async def _settle(self, provider: str, person: ExternalPerson, begun: _Begun, address: str) -> LoginOutcome:
        linked = await self._identities.find(provider, person.sub)
        if linked is not None:
            if begun.account_id is not None and linked.account_id != begun.account_id:
                raise LinkTaken()
            return LoginOutcome(kind="logged_in", next=begun.next, account=await self._account(linked.account_id))
        if begun.account_id is not None:
            return await self._to_confirm(provider, person, begun.account_id, begun.next)
        if person.email is None or person.email_verified is not True:
            return LoginOutcome(kind="unverified", next=begun.next)
        known = await self._verified.of_email(person.email)
        if known is None:
            known = await self._verified.create_verified(person.email, person.name, person.locale, address)
            if known is not None:
                await self._link(provider, person.sub, known.id, address)
                return LoginOutcome(kind="logged_in", next=begun.next, account=known)
            known = await self._verified.of_email(person.email)
        if known is None:
            raise ProviderRefused("this address cannot be used")
        # the address has an account: only its logged-in owner may link this login
        return await self._to_confirm(provider, person, known.id, begun.next)

    async def _to_confirm(self, provider: str, person: ExternalPerson, account_id: str, next: str) -> LoginOutcome:
        link = secrets.token_urlsafe(32)
        wanted = _Link(provider=provider, subject=person.sub, account_id=account_id)
        await self._memory.keep_text(f"link:{link}", msgspec.json.encode(wanted), LINK_LIFE_S)
        return LoginOutcome(kind="confirm", next=next, link=link)

    async def _link(self, provider: str, subject: str, account_id: str, address: str) -> None:
        identity = ExternalIdentity(provider=provider, subject=subject, account_id=account_id)
        if await self._identities.link(identity, address=address, now_ms=self._clock.now_ms()):
            return
        if await self._identities.find(provider, subject) != identity:
            raise LinkTaken()

    async def _account(self, account_id: str) -> Account:
        account = await self._verified.open(account_id)
        if account is None:
            raise ProviderRefused("this account is closed")
        return account

    async def _begun(self, state: str) -> _Begun | None:
        kept = await self._memory.take_text(f"external:{state}") if 0 < len(state) <= HANDLE_CHARACTERS_MAX else None
        return None if kept is None else msgspec.json.decode(kept, type=_Begun)

    def _provider(self, name: str) -> LoginProvider:
        if name not in self._providers:
            raise ProviderNotFound()
        return self._providers[name]
