"""``renga token``, ``demo``: ways into a development shop."""

import sys
from collections.abc import Sequence
from pathlib import Path

from pyotp import TOTP
from rich.console import Console
from rich.table import Table

from renga.identity.demo_clients import demo_secret
from renga.identity.seed_accounts import DEMO
from renga.kernel.clock import SystemClock
from renga.kernel.errors import Invalid
from renga.kernel.ids import id_source
from renga.platform.auth.tokens import local_key, sign
from renga.settings import Settings, secret_of


def demo(settings: Settings) -> None:
    """Print how to log in as each of the demo's accounts, with the second factor's present code."""
    table = Table("who", "e-mail", "password", "code now", box=None, header_style="bold")
    for one in DEMO:
        table.add_row(one.kind, one.email, one.password, TOTP(one.totp_secret).now() if one.totp_secret else "—")
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    print(f"\nOAuth client demo-service, secret {demo_secret(secret_of(settings.platform))}")


def token(settings: Settings, subject: str, scope: str, life_s: int, merchants: Sequence[str] = ()) -> str:
    """A development token. Raises Invalid where tokens come from somewhere else."""
    platform = settings.platform
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
