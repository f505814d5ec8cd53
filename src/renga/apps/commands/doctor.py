"""``renga doctor``: check this machine and the engines."""

import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from renga.apps.modules import DECLARED, MODULES
from renga.kernel.clock import SystemClock
from renga.platform.doctor import examine
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings


async def check(settings: Sections) -> int:
    """Print every check; returns 1 if one failed, else 0."""
    clock = SystemClock()
    groups = {
        name: checks
        for module in MODULES
        if module.doctor is not None
        for name, checks in module.doctor(settings, clock).items()
    }
    checks = await examine(settings[PlatformSettings], DECLARED.migrations, groups=groups, clock=clock)
    marks = {"ok": "[green]ok[/green]", "warn": "[yellow]warn[/yellow]", "fail": "[red]FAIL[/red]"}
    table = Table("", "check", "found", "to mend", box=None, header_style="bold")
    for check in checks:
        table.add_row(marks[check.status], check.name, escape(check.detail), escape(check.mend or ""))
    Console(width=None if sys.stdout.isatty() else 180).print(table)
    return 1 if any(check.status == "fail" for check in checks) else 0
