"""The authorization endpoint (OAuth 2.1 §4.1): redirects the browser to login, to consent, or back with a code."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping

import msgspec

from renga.domains.identity.contract import AccountNotFound, Accounts, Client, ClientNotFound, Clients
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.oauth.authorize_params import check_redirect, read_request
from renga.domains.identity.oauth.id_token import IdTokens
from renga.domains.identity.oauth.model import (
    AuthorizationCode,
    AuthorizationRequest,
    Grant,
    LoggedIn,
    OpenRequest,
    consent_needed,
    grantable,
    login_needed,
)
from renga.domains.identity.oauth.model.errors import (
    AccessDenied,
    ConsentRequired,
    LoginRequired,
    OAuthError,
    RedirectRefused,
    RequestGone,
    RequestUriRefused,
    ScopeRefused,
)
from renga.domains.identity.oauth.model.redirects import belongs, own_path, with_parameters
from renga.domains.identity.oauth.par import handle_of
from renga.domains.identity.oauth.ports import PendingRequestStore, TokenStore
from renga.domains.identity.settings import IdentitySettings
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource

PATH = "/oauth/authorize"
HANDLE_CHARACTERS_MAX = 64


class Authorize:
    """Every step returns the URL to redirect to. ``browser`` is the value of a cookie of this browser."""

    def __init__(
        self,
        *,
        grants: Grants,
        clients: Clients,
        accounts: Accounts,
        store: TokenStore,
        memory: PendingRequestStore,
        id_tokens: IdTokens,
        settings: IdentitySettings,
        issuer: str,
        clock: Clock,
        new_id: IdSource,
    ) -> None:
        self._grants = grants
        self._clients = clients
        self._accounts = accounts
        self._store = store
        self._memory = memory
        self._id_tokens = id_tokens
        self._settings = settings
        self._issuer = issuer
        self._clock = clock
        self._new_id = new_id

    async def begin(self, values: Mapping[str, str], *, browser: str, person: LoggedIn | None) -> str:
        """Start a client's request. Raises RedirectRefused, RequestUriRefused if no error may be sent to the client."""
        client = await self._client(values.get("client_id", ""))
        if "request_uri" in values:
            request = await self._pushed(client, values["request_uri"])
        else:
            redirect_uri = check_redirect(client, values)
            try:
                request = read_request(client, values, read_hint=self._id_tokens.hint, now_ms=self._clock.now_ms())
            except OAuthError as error:
                return self._refusal(redirect_uri, values.get("state"), error)
        return await self._go_on(client, OpenRequest(request=request, browser=_hashed(browser)), person)

    async def resume(self, handle: str, *, browser: str, person: LoggedIn | None) -> str:
        """Continue after login or consent, in the browser that started the request. Raises RequestGone."""
        opened = await self._memory.opened(handle) if len(handle) <= HANDLE_CHARACTERS_MAX else None
        if opened is None or not hmac.compare_digest(opened.browser, _hashed(browser)):
            raise RequestGone()
        taken = await self._memory.take_opened(handle)
        if taken is None:
            raise RequestGone()
        return await self._go_on(await self._client(taken.request.client_id), taken, person)

    async def _go_on(self, client: Client, opened: OpenRequest, person: LoggedIn | None) -> str:
        request = opened.request
        try:
            if person is None or login_needed(request, person, self._clock.now_ms()):
                return await self._to_login(opened)
            if opened.decision is not None and opened.account_id == person.account_id:
                if opened.decision == "deny":
                    raise AccessDenied()
                return await self._give_code(request, person, await self._granted(client, request, person))
            granted = await self._granted(client, request, person)
            consented = await self._clients.consented(Caller(person.account_id), client.id)
            if consent_needed(request, granted, first_party=client.first_party, consented=consented):
                return await self._to_consent(opened, person, granted)
            return await self._give_code(request, person, granted)
        except OAuthError as error:
            return self._refusal(request.redirect_uri, request.state, error)

    async def _granted(self, client: Client, request: AuthorizationRequest, person: LoggedIn) -> tuple[str, ...]:
        try:
            account = await self._accounts.find(Caller(person.account_id))
        except AccountNotFound as error:
            raise AccessDenied("this account is closed") from error
        granted = grantable(
            request.scopes,
            client.scopes,
            self._grants.scopes_of(account.stakeholders),
            person.amr,
            one_factor=self._grants.one_factor,
        )
        if not granted:
            raise ScopeRefused("this person can grant none of these scopes")
        return granted

    async def _to_login(self, opened: OpenRequest) -> str:
        if "none" in opened.request.prompt:
            raise LoginRequired()
        handle = await self._keep(msgspec.structs.replace(opened, account_id=None, decision=None))
        back = own_path(PATH, resume=handle)
        hint = opened.request.login_hint
        return own_path(self._settings.login_path, next=back, login_hint=hint)

    async def _to_consent(self, opened: OpenRequest, person: LoggedIn, granted: tuple[str, ...]) -> str:
        if "none" in opened.request.prompt:
            raise ConsentRequired()
        asked = msgspec.structs.replace(opened, account_id=person.account_id, granted=granted)
        return own_path(self._settings.consent_path, request=await self._keep(asked))

    async def _keep(self, opened: OpenRequest) -> str:
        handle = secrets.token_urlsafe(24)
        await self._memory.open(handle, opened, self._settings.request_life_s)
        return handle

    async def _give_code(self, request: AuthorizationRequest, person: LoggedIn, granted: tuple[str, ...]) -> str:
        code = secrets.token_urlsafe(32)
        grant = Grant(
            account_id=person.account_id,
            client_id=request.client_id,
            scopes=granted,
            session_id=person.session_id,
            auth_at_ms=person.auth_at_ms,
            amr=person.amr,
            nonce=request.nonce,
            thumbprint=request.thumbprint,
        )
        expires_ms = self._clock.now_ms() + self._settings.code_life_s * 1000
        kept = AuthorizationCode(
            grant=grant, redirect_uri=request.redirect_uri, challenge=request.challenge, expires_ms=expires_ms
        )
        await self._store.keep_code(code_hash(code), self._new_id(), kept)
        return self._answer(request.redirect_uri, request.state, [("code", code)])

    async def _pushed(self, client: Client, request_uri: str) -> AuthorizationRequest:
        handle = handle_of(request_uri)
        request = await self._memory.take_pushed(handle) if handle else None
        if (
            request is None
            or request.client_id != client.id
            or not belongs(request.redirect_uri, client.redirect_uris, any_port=True)
        ):
            raise RequestUriRefused()
        return request

    async def _client(self, client_id: str) -> Client:
        try:
            return await self._clients.find(client_id)
        except ClientNotFound as error:
            raise RedirectRefused("there is no such client") from error

    def _refusal(self, redirect_uri: str, state: str | None, error: OAuthError) -> str:
        return self._answer(redirect_uri, state, list(error.document().items()))

    def _answer(self, redirect_uri: str, state: str | None, members: list[tuple[str, str]]) -> str:
        # every answer has iss (RFC 9207), against mix-up attacks
        more = [("state", state)] if state is not None else []
        return with_parameters(redirect_uri, [*members, *more, ("iss", self._issuer)])


def code_hash(code: str) -> bytes:
    """The stored hash of a code."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()


def _hashed(browser: str) -> str:
    return hashlib.sha256(browser.encode("utf-8", "surrogatepass")).hexdigest()
