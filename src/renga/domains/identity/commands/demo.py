"""``renga demo``: the credentials of the demo shop's accounts."""

import sys

from pyotp import TOTP
from rich.console import Console
from rich.table import Table

from renga.domains.identity.accounts.seed_accounts import demo_accounts
from renga.domains.identity.clients.seed_clients import demo_secret
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings, secret_of


def show(settings: Sections) -> None:
    """Print the credentials of the demo shop's accounts, with the present second-factor codes."""
    secret = secret_of(settings[PlatformSettings])
    table = Table("who", "e-mail", "password", "code now", box=None, header_style="bold")
    for one in demo_accounts(secret):
        table.add_row(one.kind, one.email, one.password, TOTP(one.totp_secret).now() if one.totp_secret else "—")
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    print(f"\nOAuth client demo-service, secret {demo_secret(secret)}")
