"""In the group ``renga payments``: ``unknown``. The implementation is imported when called."""

from typing import Annotated

import typer

from renga.platform.modules.command_line import CommandLine, Data

OlderThan = Annotated[int, typer.Option(help="Seconds since the operation was made.", min=0, max=31_536_000)]


def add_janitor_commands(payments: typer.Typer, line: CommandLine) -> None:
    """Add it to the group."""

    @payments.command("unknown")
    def unknown(older_than: OlderThan = 60, data: Data = None) -> None:
        """List operations whose outcome the provider has not told yet. Exit 1 if there is any."""
        from renga.domains.payments.commands.unknown_report import report_unknown

        if line.run(report_unknown(line, line.shop("payments", data=data), older_than)):
            raise typer.Exit(1)
