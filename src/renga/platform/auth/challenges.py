"""``WWW-Authenticate`` of an error: RFC 6750 §3 for Bearer, RFC 9449 §7.1 for DPoP, RFC 9470 for a login that is too old.

Without a credential no error is named.
"""

from renga.kernel.errors import RengaError, Unauthenticated
from renga.platform.auth.access import FreshLoginRequired, InsufficientScope
from renga.platform.auth.authenticate import AmbiguousCredentials, CredentialInvalid
from renga.platform.auth.dpop import ALGORITHMS

REALM = 'realm="renga"'
DPOP_ALGORITHMS = f'algs="{" ".join(ALGORITHMS)}"'


def challenges(error: RengaError) -> list[bytes]:
    """The header's values, one challenge each; none for an error that is not about credentials."""
    if isinstance(error, CredentialInvalid):
        return [_challenge(error.scheme, "invalid_token", error.detail)]
    if isinstance(error, InsufficientScope):
        return [_challenge("Bearer", "insufficient_scope", error.detail, str(error.extra.get("scope", "")))]
    if isinstance(error, AmbiguousCredentials):
        return [_challenge("Bearer", "invalid_request", error.detail)]
    if isinstance(error, FreshLoginRequired):
        return [_challenge("Bearer", "insufficient_user_authentication", error.detail, max_age=error.extra["max_age"])]
    if isinstance(error, Unauthenticated):
        return [f"Bearer {REALM}".encode(), f"DPoP {REALM}, {DPOP_ALGORITHMS}".encode()]
    return []


def _challenge(scheme: str, code: str, detail: str, scope: str = "", max_age: int | None = None) -> bytes:
    parts = [f"{scheme} {REALM}"]
    if scheme == "DPoP":
        parts.append(DPOP_ALGORITHMS)
    parts += [f'error="{code}"', f'error_description="{_quoted(detail)}"']
    if scope:
        parts.append(f'scope="{scope}"')
    if max_age is not None:
        parts.append(f'max_age="{max_age}"')
    return ", ".join(parts).encode()


def _quoted(text: str) -> str:
    """What RFC 6750 allows in a description: printable ASCII without quotes and backslashes."""
    return "".join(c if " " <= c <= "~" and c not in '"\\' else "'" for c in text)
