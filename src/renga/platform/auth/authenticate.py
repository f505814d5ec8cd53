"""Credential to principal: an access token (Bearer or DPoP), an API key, or a web session. At most one kind per request.

Nothing else identifies a caller: headers such as X-User or X-Forwarded-User are never read. An expired session cookie is
ignored (browsers keep cookies); an invalid token or key is an error.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec
from msgspec import structs

from renga.kernel.errors import Invalid, Unauthenticated
from renga.kernel.ids import canonical_uuid
from renga.platform.auth.lookups import CheckKey, KeyEntry, KnownKey, MerchantsOf, RightsOf, SessionRights
from renga.platform.auth.principal import Principal
from renga.platform.sessions.cookies import secret_of
from renga.platform.sessions.port import Session, Sessions

#: Prefix of API keys: distinguishes them from tokens and lets scanners find leaked keys.
KEY_PREFIX = "rk_"
KEY_CHARACTERS_MAX = 512
#: Most API keys whose principals are cached, each until its entry changes.
KEYS_MAX = 10_000
#: Methods of RFC 8176 that mean multi-factor authentication.
STRONG = frozenset(("otp", "hwk", "mfa", "swk"))


class AmbiguousCredentials(Invalid):
    code = "credentials_ambiguous"
    title = "Send one credential: a token, an API key or a session"


class CredentialInvalid(Unauthenticated):
    """The credential was checked and refused. ``scheme``: how it was sent (Bearer, DPoP or ApiKey)."""

    code = "invalid_token"
    title = "The credential is not valid"

    def __init__(self, detail: str = "", *, scheme: str = "Bearer") -> None:
        super().__init__(detail)
        self.scheme = scheme


class Identity(msgspec.Struct, frozen=True):
    """The caller: a principal if authenticated, and the browser's session if there is one (also before login)."""

    principal: Principal | None = None
    session: Session | None = None


NOBODY = Identity()


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a proof of possession is bound to: ``uri`` without query and fragment (RFC 9449 §4.3)."""

    method: str
    uri: str


class TokenReader(Protocol):
    def principal(self, token: str) -> Principal:
        """The caller that an access token names. Raises Unauthenticated."""
        ...


#: Checks a DPoP-bound token with its proof (RFC 9449 §7.1); raises Unauthenticated.
CheckDpop = Callable[[str, str, Request], Awaitable[Principal]]


#: Slower check of a token that ``TokenReader`` refuses: fetches the key set first, since the token's key may be new.
CheckFresh = Callable[[str], Awaitable[Principal]]


class Authenticator:
    """Without ``check_key`` every API key is refused; without ``sessions`` cookies are ignored.

    ``public_url`` is the address that DPoP proofs name; its scheme also decides the cookie's name.
    """

    def __init__(
        self,
        tokens: TokenReader,
        *,
        public_url: str = "",
        check_fresh: CheckFresh | None = None,
        check_dpop: CheckDpop | None = None,
        check_key: CheckKey | None = None,
        known_key: KnownKey | None = None,
        sessions: Sessions | None = None,
        rights_of: RightsOf | None = None,
        merchants_of: MerchantsOf | None = None,
    ) -> None:
        self._tokens = tokens
        self._public_url = public_url
        self._secure = public_url.startswith("https://")
        self._check_fresh = check_fresh
        self._check_dpop = check_dpop
        self._check_key = check_key
        self._known_key = known_key
        self._sessions = sessions
        self._rights_of = rights_of
        self._merchants_of = merchants_of
        self._of_keys: dict[str, tuple[KeyEntry, Principal]] = {}

    async def identify(self, scope: Any, *, own_client: bool = False) -> Identity:
        """The caller of an ASGI request. ``own_client``: ignore the Authorization header, which authenticates an OAuth client.

        Raises AmbiguousCredentials, CredentialInvalid, Unavailable.
        """
        authorization = api_key = cookie = proof = None
        for name, value in scope["headers"]:
            if name == b"authorization" and not own_client:
                authorization = _only(authorization, value)
            elif name == b"x-api-key":
                api_key = _only(api_key, value)
            elif name == b"cookie":
                cookie = value if cookie is None else cookie + b"; " + value
            elif name == b"dpop":
                proof = _only(proof, value)
        secret = None if cookie is None else secret_of(cookie.decode("latin-1"), secure=self._secure)
        if authorization is not None:
            if api_key is not None or secret is not None:
                raise AmbiguousCredentials()
            principal = await self._of_authorization(authorization.decode("latin-1"), proof, scope)
            return Identity(await self._with_present_merchants(principal))
        if api_key is not None:
            if secret is not None:
                raise AmbiguousCredentials()
            return Identity(await self._of_key(api_key.decode("latin-1").strip()))
        if secret is not None and self._sessions is not None:
            return await self._of_session(secret)
        return NOBODY

    async def _of_authorization(self, value: str, proof: bytes | None, scope: Any) -> Principal:
        scheme, _, credential = value.partition(" ")
        credential = credential.strip()
        kind = scheme.lower()
        if kind == "bearer" and credential.startswith(KEY_PREFIX):
            return await self._of_key(credential)
        if kind == "bearer" and credential:
            return await self._of_token(credential)
        if kind == "dpop" and credential and self._check_dpop is not None:
            if proof is None:
                raise CredentialInvalid("a DPoP token comes with its proof in the header DPoP", scheme="DPoP")
            request = Request(method=scope["method"], uri=self._public_url + _path(scope))
            try:
                return await self._check_dpop(credential, proof.decode("latin-1"), request)
            except Unauthenticated as error:
                raise _refused(error, "DPoP") from error
        raise CredentialInvalid("the Authorization header must be 'Bearer <access token>' or 'DPoP <access token>'")

    async def _with_present_merchants(self, principal: Principal) -> Principal:
        """Reduce a token's merchants, which are those of its issue, to those that the account still works for.

        The subject of a development token is no account: its merchants stay.
        """
        if principal.kind != "token" or not principal.merchants or self._merchants_of is None:
            return principal
        if canonical_uuid(principal.subject) is None:
            return principal
        present = principal.merchants & await self._merchants_of(principal.subject)
        return principal if present == principal.merchants else structs.replace(principal, merchants=present)

    async def _of_token(self, token: str) -> Principal:
        try:
            return self._tokens.principal(token)
        except Unauthenticated as error:
            if self._check_fresh is None:
                raise _refused(error, "Bearer") from error
        try:
            return await self._check_fresh(token)
        except Unauthenticated as error:
            raise _refused(error, "Bearer") from error

    async def _of_key(self, key: str) -> Principal:
        entry = None if self._known_key is None or len(key) > KEY_CHARACTERS_MAX else self._known_key(key)
        if (
            entry is None
            and self._check_key is not None
            and key.startswith(KEY_PREFIX)
            and len(key) <= KEY_CHARACTERS_MAX
        ):
            entry = await self._check_key(key)
        if entry is None:
            raise CredentialInvalid("the API key is not valid", scheme="ApiKey")
        known = self._of_keys.get(entry.id)
        if known is None or known[0] is not entry:
            if len(self._of_keys) >= KEYS_MAX:
                self._of_keys.clear()
            known = self._of_keys[entry.id] = (entry, _principal_of(entry))
        return known[1]

    async def _of_session(self, secret: str) -> Identity:
        assert self._sessions is not None
        session = await self._sessions.read(secret)
        if session is None or session.account_id is None:
            return Identity(None, session)
        strong = not STRONG.isdisjoint(session.amr)
        rights = SessionRights() if self._rights_of is None else await self._rights_of(session, strong)
        principal = Principal(
            subject=session.account_id,
            scopes=rights.scopes,
            kind="session",
            merchants=rights.merchants,
            session_id=session.id,
            proved_ms=session.auth_at_ms or None,
        )
        return Identity(principal, session)


def _principal_of(entry: KeyEntry) -> Principal:
    return Principal(
        subject=entry.account_id,
        scopes=frozenset(entry.scopes),
        kind="api_key",
        merchants=frozenset() if entry.merchant_id is None else frozenset((entry.merchant_id,)),
        key_id=entry.id,
        limit=(entry.limit.per_minute, entry.limit.burst),
    )


def _only(held: bytes | None, value: bytes) -> bytes:
    if held is not None:
        raise AmbiguousCredentials("a header that carries a credential may come once")
    return value


def _path(scope: Any) -> str:
    raw = scope.get("raw_path") or scope["path"].encode()
    return str(raw.decode("latin-1").partition("?")[0])


def _refused(error: Unauthenticated, scheme: str) -> CredentialInvalid:
    return error if isinstance(error, CredentialInvalid) else CredentialInvalid(error.detail, scheme=scheme)
