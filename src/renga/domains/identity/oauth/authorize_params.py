"""Parses an authorization request: first the client and its redirect URI, then the other parameters; PKCE is required."""

import re
from collections.abc import Callable, Mapping

from authlib.oauth2.rfc7636.challenge import CODE_CHALLENGE_PATTERN  # type: ignore[import-untyped] # authlib ships no types

from renga.domains.identity.contract import Client
from renga.domains.identity.oauth.id_token import IdTokenHint
from renga.domains.identity.oauth.model import AuthorizationRequest
from renga.domains.identity.oauth.model.errors import (
    ClientNotAllowed,
    OAuthError,
    RedirectRefused,
    RequestObjectRefused,
    ResponseTypeUnknown,
    ScopeRefused,
)
from renga.domains.identity.oauth.model.redirects import belongs

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
STATE_CHARACTERS_MAX = NONCE_CHARACTERS_MAX = 1_024
MAX_AGE_MAX_S = 10 * 365 * 86_400
_S256_CHARACTERS = 43
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")


def check_redirect(client: Client, values: Mapping[str, str]) -> str:
    """The redirect URI for the answer. Raises RedirectRefused: then nothing may be sent to the client."""
    uri = values.get("redirect_uri", "")
    if not belongs(uri, client.redirect_uris, any_port=True):
        raise RedirectRefused()
    return uri


def read_request(
    client: Client, values: Mapping[str, str], *, read_hint: Callable[[str], IdTokenHint | None], now_ms: int
) -> AuthorizationRequest:
    """The request. Raises RedirectRefused, or another OAuthError, which may be sent to the client's redirect URI."""
    redirect_uri = check_redirect(client, values)
    if "request" in values:
        raise RequestObjectRefused()
    if "authorization_code" not in client.grant_types:
        raise ClientNotAllowed()
    if values.get("response_type") != "code":
        raise ResponseTypeUnknown()
    if values.get("response_mode", "query") != "query":
        raise OAuthError("only the response_mode 'query' is known")
    return AuthorizationRequest(
        client_id=client.id,
        redirect_uri=redirect_uri,
        scopes=_scopes(client, values),
        challenge=_challenge(values),
        state=_short(values, "state", STATE_CHARACTERS_MAX),
        nonce=_short(values, "nonce", NONCE_CHARACTERS_MAX),
        prompt=_prompt(values),
        max_age_s=_max_age(values),
        login_hint=_short(values, "login_hint", 320),
        hinted_account=_hinted(values, read_hint),
        thumbprint=_thumbprint(values),
        created_ms=now_ms,
    )


def _challenge(values: Mapping[str, str]) -> str:
    """Every client must use PKCE with S256 (OAuth 2.1 §4.1.1); a missing method means ``plain`` and is refused."""
    challenge = values.get("code_challenge", "")
    if values.get("code_challenge_method") != "S256":
        raise OAuthError("code_challenge_method must be S256")
    if len(challenge) != _S256_CHARACTERS or not CODE_CHALLENGE_PATTERN.match(challenge):
        raise OAuthError("code_challenge is missing or not one of S256")
    return challenge


def _scopes(client: Client, values: Mapping[str, str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(values.get("scope", "").split()))
    scopes = tuple(scope for scope in wanted if scope in client.scopes)
    if not scopes:
        raise ScopeRefused("scope is missing, or nothing that this client may ask for")
    return scopes


def _prompt(values: Mapping[str, str]) -> frozenset[str]:
    prompt = frozenset(values.get("prompt", "").split())
    if prompt - PROMPTS:
        raise OAuthError("prompt is none, login, consent or select_account")
    if "none" in prompt and len(prompt) > 1:
        raise OAuthError("prompt=none goes with nothing else")
    return prompt


def _max_age(values: Mapping[str, str]) -> int | None:
    text = values.get("max_age")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise OAuthError("max_age is a number of seconds")
    return min(int(text), MAX_AGE_MAX_S)


def _hinted(values: Mapping[str, str], read_hint: Callable[[str], IdTokenHint | None]) -> str | None:
    if "id_token_hint" not in values:
        return None
    hint = read_hint(values["id_token_hint"])
    if hint is None:
        raise OAuthError("id_token_hint is not an ID token of ours")
    return hint.sub


def _thumbprint(values: Mapping[str, str]) -> str | None:
    thumbprint = values.get("dpop_jkt")
    if thumbprint is not None and not _THUMBPRINT.fullmatch(thumbprint):
        raise OAuthError("dpop_jkt is not a thumbprint")
    return thumbprint


def _short(values: Mapping[str, str], name: str, characters_max: int) -> str | None:
    value = values.get(name)
    if value is not None and len(value) > characters_max:
        raise OAuthError(f"{name} has more than {characters_max} characters")
    return value
