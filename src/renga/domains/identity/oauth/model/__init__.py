"""Values and pure decisions of the authorization server: is login or consent needed, which scopes are granted."""

from typing import Any, Literal

import msgspec

#: The step that an authorization needs before a code is issued.
Need = Literal["login", "consent", "nothing"]


class AuthorizationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A validated request: the redirect URI is registered, the challenge is S256."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    state: str | None = None
    nonce: str | None = None
    prompt: frozenset[str] = frozenset()
    max_age_s: int | None = None
    login_hint: str | None = None
    #: The subject of the client's id_token_hint.
    hinted_account: str | None = None
    thumbprint: str | None = None
    created_ms: int


class OpenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that waits for login or consent. ``browser`` is the hash of a cookie of the browser that started it."""

    request: AuthorizationRequest
    browser: str
    account_id: str | None = None
    granted: tuple[str, ...] = ()
    decision: Literal["allow", "deny"] | None = None


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What one login granted to one client; all tokens of the login derive from it."""

    account_id: str
    client_id: str
    scopes: tuple[str, ...]
    session_id: str
    auth_at_ms: int
    amr: tuple[str, ...] = ()
    nonce: str | None = None
    thumbprint: str | None = None


class AuthorizationCode(msgspec.Struct, frozen=True, kw_only=True):
    """The stored data of an authorization code."""

    grant: Grant
    redirect_uri: str
    challenge: str
    expires_ms: int


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """The refresh tokens of one login: only the token of the present ``generation`` is valid."""

    id: str
    grant: Grant
    seed: bytes
    generation: int
    created_ms: int
    rotated_ms: int
    expires_ms: int
    revoked_ms: int | None = None


class TokenResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer of the token endpoint (RFC 6749 §5.1)."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str
    refresh_token: str | None = None
    id_token: str | None = None


class LoggedIn(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a web session that an authorization uses."""

    account_id: str
    session_id: str
    auth_at_ms: int
    amr: tuple[str, ...]


#: A fresh login must be newer than the request, allowing a second of clock difference.
_LOGIN_SLACK_MS = 1_000
#: ``amr`` values of a login with two factors (RFC 8176).
_STRONG = frozenset({"mfa", "otp", "hwk"})


def login_needed(request: AuthorizationRequest, person: LoggedIn | None, now_ms: int) -> bool:
    """Is a login needed: nobody logged in, another person, or too long ago for this request?"""
    if person is None or (request.hinted_account is not None and request.hinted_account != person.account_id):
        return True
    if request.prompt & {"login", "select_account"} or request.max_age_s == 0:
        return person.auth_at_ms < request.created_ms - _LOGIN_SLACK_MS
    return request.max_age_s is not None and now_ms - person.auth_at_ms > request.max_age_s * 1000


def consent_needed(
    request: AuthorizationRequest, granted: tuple[str, ...], *, first_party: bool, consented: frozenset[str]
) -> bool:
    """Is consent needed? First-party clients need none, unless they request it (``prompt=consent``)."""
    if "consent" in request.prompt:
        return True
    return not first_party and not consented.issuperset(granted)


def grantable(
    requested: tuple[str, ...],
    client: tuple[str, ...],
    person: frozenset[str],
    amr: tuple[str, ...],
    *,
    one_factor: frozenset[str],
) -> tuple[str, ...]:
    """Requested scopes ∩ the client's ∩ the person's; scopes outside ``one_factor`` need a login with two factors."""
    allowed = person if _STRONG.intersection(amr) else person & one_factor
    return tuple(scope for scope in requested if scope in client and scope in allowed)


def session_of(session: Any) -> LoggedIn | None:
    """The login of a web session (platform.sessions.port.Session); None before login."""
    if session is None or session.account_id is None or session.pending_account_id is not None:
        return None
    return LoggedIn(
        account_id=session.account_id, session_id=session.id, auth_at_ms=session.auth_at_ms, amr=tuple(session.amr)
    )
