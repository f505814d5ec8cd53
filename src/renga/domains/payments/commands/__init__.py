"""The commands of payments: ``renga ledger …``. Implementations are imported when called."""

import typer

from renga.domains.payments.commands.ledger import add_ledger_commands
from renga.platform.modules.command_line import CommandLine


def add_commands(app: typer.Typer, line: CommandLine) -> None:
    """Add them to the command line."""
    add_ledger_commands(app, line)
