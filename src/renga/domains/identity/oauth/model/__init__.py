"""Values of the authorization server, and its pure decisions: what an authorization needs next, what a grant allows."""

from typing import Any, Literal

import msgspec

#: What an authorization needs before a code may be given.
Need = Literal["login", "consent", "nothing"]


class AuthorizationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A client's request, checked: the redirect is the client's own, the challenge is S256."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    state: str | None = None
    nonce: str | None = None
    prompt: frozenset[str] = frozenset()
    max_age_s: int | None = None
    login_hint: str | None = None
    #: Whom the client's id_token_hint names.
    hinted_account: str | None = None
    thumbprint: str | None = None
    created_ms: int


class OpenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request while a person logs in or consents. ``browser`` is the hash of a cookie of the browser it began in."""

    request: AuthorizationRequest
    browser: str
    account_id: str | None = None
    granted: tuple[str, ...] = ()
    decision: Literal["allow", "deny"] | None = None


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What one login gave to one client; every token of it is made of this."""

    account_id: str
    client_id: str
    scopes: tuple[str, ...]
    session_id: str
    auth_at_ms: int
    amr: tuple[str, ...] = ()
    nonce: str | None = None
    thumbprint: str | None = None


class AuthorizationCode(msgspec.Struct, frozen=True, kw_only=True):
    """What an authorization code stands for."""

    grant: Grant
    redirect_uri: str
    challenge: str
    expires_ms: int


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """The refresh tokens of one login: only the one of the present ``generation`` is good."""

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
    """The part of a web session that an authorization rests on."""

    account_id: str
    session_id: str
    auth_at_ms: int
    amr: tuple[str, ...]


#: A new login must be newer than the request, a second of clock difference aside.
_LOGIN_SLACK_MS = 1_000
#: Methods that make a login one with two factors (RFC 8176).
_STRONG = frozenset({"mfa", "otp", "hwk"})


def login_needed(request: AuthorizationRequest, person: LoggedIn | None, now_ms: int) -> bool:
    """Is nobody logged in, or the wrong one, or too long ago for this request?"""
    if person is None or (request.hinted_account is not None and request.hinted_account != person.account_id):
        return True
    if request.prompt & {"login", "select_account"} or request.max_age_s == 0:
        return person.auth_at_ms < request.created_ms - _LOGIN_SLACK_MS
    return request.max_age_s is not None and now_ms - person.auth_at_ms > request.max_age_s * 1000


def consent_needed(
    request: AuthorizationRequest, granted: tuple[str, ...], *, first_party: bool, consented: frozenset[str]
) -> bool:
    """Must she be asked? Our own clients need no consent, unless they ask for the question."""
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
    """Requested ∩ the client's ∩ the person's; what is not in ``one_factor`` needs a login with two factors."""
    allowed = person if _STRONG.intersection(amr) else person & one_factor
    return tuple(scope for scope in requested if scope in client and scope in allowed)


def session_of(session: Any) -> LoggedIn | None:
    """The login of a web session (platform.sessions.port.Session); None before login."""
    if session is None or session.account_id is None or session.pending_account_id is not None:
        return None
    return LoggedIn(
        account_id=session.account_id, session_id=session.id, auth_at_ms=session.auth_at_ms, amr=tuple(session.amr)
    )
