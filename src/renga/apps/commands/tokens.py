"""``renga token``: an access token for a development shop."""

from collections.abc import Sequence
from pathlib import Path

from renga.apps.modules import DECLARED
from renga.kernel.clock import SystemClock
from renga.kernel.errors import Invalid
from renga.kernel.ids import id_source
from renga.platform.auth.signing import local_key, sign
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings

#: As long as OpenID Connect Core §2 lets a subject be.
SUBJECT_CHARACTERS_MAX = 255


def token(settings: Sections, subject: str, scope: str, life_s: int, merchants: Sequence[str] = ()) -> str:
    """A development token. Raises Invalid for a scope that no module declares, or if the shop takes tokens of another issuer."""
    platform = settings[PlatformSettings]
    if platform.jwks:
        raise Invalid("tokens are checked with RENGA_JWKS here, so a token of the local key would be refused")
    _check_named("subject", subject)
    for merchant in merchants:
        _check_named("merchant", merchant)
    scope = _known(scope)
    clock = SystemClock()
    key = local_key(Path(platform.data))
    token_id = id_source(clock)()
    return sign(
        key,
        subject=subject,
        scope=scope,
        issuer=platform.token_issuer,
        life_s=life_s,
        clock=clock,
        token_id=token_id,
        merchants=merchants,
    )


def _check_named(what: str, name: str) -> None:
    if not 1 <= len(name) <= SUBJECT_CHARACTERS_MAX or not name.isprintable() or name != name.strip():
        raise Invalid(
            f"the {what} of a token is 1 to {SUBJECT_CHARACTERS_MAX} printable characters without blanks around them"
        )


def _known(scope: str) -> str:
    """The scopes, each once. Raises Invalid, naming those that no module declares."""
    wanted = list(dict.fromkeys(scope.split()))
    unknown = [name for name in wanted if name not in DECLARED.scopes]
    if unknown or not wanted:
        said = f"there is no scope {', '.join(map(repr, unknown))}" if unknown else "a token names at least one scope"
        raise Invalid(f"{said}; there are {', '.join(DECLARED.scopes)}")
    return " ".join(wanted)
