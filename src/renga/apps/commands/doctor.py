"""``renga doctor``: is this machine fit for the shop?"""

import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from renga.apps.compose import MIGRATIONS
from renga.apps.settings import Settings
from renga.platform.doctor import examine


async def check(settings: Settings) -> int:
    """Print every check; 1 if one failed."""
    checks = await examine(
        settings.platform, MIGRATIONS, stores={"cart store": ("RENGA_CART_STORE", settings.cart.store)}
    )
    marks = {"ok": "[green]ok[/green]", "warn": "[yellow]warn[/yellow]", "fail": "[red]FAIL[/red]"}
    table = Table("", "check", "found", "to mend", box=None, header_style="bold")
    for check in checks:
        table.add_row(marks[check.status], check.name, escape(check.detail), escape(check.mend or ""))
    Console(width=None if sys.stdout.isatty() else 180).print(table)
    return 1 if any(check.status == "fail" for check in checks) else 0
