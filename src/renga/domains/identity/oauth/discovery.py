"""The discovery document, the same for OAuth (RFC 8414) and OpenID Connect, which share one metadata registry."""

from collections.abc import Iterable
from typing import Any

from renga.domains.identity.oauth.client_auth import ASSERTION_ALGORITHMS
from renga.domains.identity.oauth.id_token import ONE_FACTOR, TWO_FACTORS
from renga.domains.identity.oauth.key_making import ID_TOKENS
from renga.platform.auth.dpop import ALGORITHMS as DPOP_ALGORITHMS

AUTH_METHODS = ("none", "client_secret_basic", "client_secret_post", "private_key_jwt")
CLAIMS = (
    *("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash"),
    *("name", "locale", "email", "email_verified"),
)
GRANTS = ("authorization_code", "refresh_token", "client_credentials")


def metadata(issuer: str, scopes: Iterable[str], languages: Iterable[str]) -> dict[str, Any]:
    """``/.well-known/oauth-authorization-server`` and ``/.well-known/openid-configuration``.

    ``scopes`` are all scopes that the modules declare; ``languages`` are those of the pages.
    """
    methods = {"auth_methods_supported": AUTH_METHODS, "auth_signing_alg_values_supported": ASSERTION_ALGORITHMS}
    document: dict[str, Any] = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "pushed_authorization_request_endpoint": f"{issuer}/oauth/par",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "jwks_uri": f"{issuer}/oauth/jwks.json",
        "scopes_supported": list(scopes),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANTS),
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(DPOP_ALGORITHMS),
        "authorization_response_iss_parameter_supported": True,
        "require_pushed_authorization_requests": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "ui_locales_supported": list(languages),
    }
    for endpoint in ("token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        document |= {f"{endpoint}_{name}": list(values) for name, values in methods.items()}
    document["introspection_endpoint_auth_methods_supported"] = list(AUTH_METHODS[1:])
    return document | {
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "end_session_endpoint": f"{issuer}/oauth/end_session",
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ID_TOKENS),
        "acr_values_supported": [ONE_FACTOR, TWO_FACTORS],
        "claims_supported": list(CLAIMS),
        "claims_parameter_supported": False,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
    }


def resource_metadata(issuer: str, scopes: Iterable[str]) -> dict[str, Any]:
    """``/.well-known/oauth-protected-resource`` (RFC 9728): the shop's API, and who issues tokens for it."""
    return {
        "resource": issuer,
        "authorization_servers": [issuer],
        "jwks_uri": f"{issuer}/oauth/jwks.json",
        "scopes_supported": list(scopes),
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": list(DPOP_ALGORITHMS),
        "dpop_bound_access_tokens_required": False,
    }
