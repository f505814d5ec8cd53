"""``renga token``: an access token for a development shop."""

from collections.abc import Sequence
from pathlib import Path

from renga.kernel.clock import SystemClock
from renga.kernel.errors import Invalid
from renga.kernel.ids import id_source
from renga.platform.auth.signing import local_key, sign
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings


def token(settings: Sections, subject: str, scope: str, life_s: int, merchants: Sequence[str] = ()) -> str:
    """A development token. Raises Invalid if the shop takes tokens of another issuer."""
    platform = settings[PlatformSettings]
    if platform.jwks:
        raise Invalid("tokens are checked with RENGA_JWKS here, so a token of the local key would be refused")
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
