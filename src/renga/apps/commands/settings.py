"""``renga settings``: every setting, its value and where it was set."""

import sys

from rich.console import Console
from rich.table import Table

from renga.apps.commands.opened import ShopCommandLine
from renga.platform.settings import Sources


def show(sources: Sources) -> None:
    """Print every setting read from ``sources``. Raises SettingsInvalid."""
    ShopCommandLine().load(sources)
    table = Table(box=None, header_style="bold")
    for column in ("setting", "value", "set by", "variable"):
        table.add_column(column, no_wrap=True)
    table.add_column("what it is")
    for o in sources.origins:
        name = o.name if o.section == "renga" else f"{o.section}.{o.name}"
        table.add_row(name, o.value or "—", o.origin, o.variable, o.description)
    Console(width=None if sys.stdout.isatty() else 240).print(table)
