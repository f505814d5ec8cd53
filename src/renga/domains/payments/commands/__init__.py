"""The commands of payments: ``renga ledger …``, ``renga payouts …``, ``renga payments …``. Implementations are imported when
called.
"""

import typer

from renga.domains.payments.commands.finance import add_finance_commands
from renga.domains.payments.commands.janitor import add_janitor_commands
from renga.domains.payments.commands.ledger import add_ledger_commands
from renga.platform.modules.command_line import CommandLine


def add_commands(app: typer.Typer, line: CommandLine) -> None:
    """Add them to the command line."""
    payments = typer.Typer(help="Payments and their providers.", no_args_is_help=True)
    app.add_typer(payments, name="payments")
    add_ledger_commands(app, line)
    add_finance_commands(app, payments, line)
    add_janitor_commands(payments, line)
