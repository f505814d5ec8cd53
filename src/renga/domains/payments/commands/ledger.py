"""``renga ledger trial-balance | statement | verify``. Implementations are imported when called."""

from typing import Annotated

import typer

from renga.platform.modules.command_line import CommandLine, Data

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]


def add_ledger_commands(app: typer.Typer, line: CommandLine) -> None:
    """Add them to the command line."""
    ledger = typer.Typer(help="The double-entry ledger of payments.", no_args_is_help=True)
    app.add_typer(ledger, name="ledger")

    @ledger.command("trial-balance")
    def trial_balance(
        currency: Annotated[str | None, typer.Option(help="Only this currency (ISO 4217).")] = None,
        json: AsJson = False,
        data: Data = None,
    ) -> None:
        """Sum all entries by kind of account and currency. Exit 1 if a currency does not sum to zero."""
        from renga.domains.payments.commands import ledger_reports

        if line.run(ledger_reports.trial_balance(line, line.shop("payments", data=data), currency, json=json)):
            raise typer.Exit(1)

    @ledger.command()
    def statement(
        merchant: Annotated[str, typer.Option(help="The merchant's id.")],
        first_day: Annotated[str, typer.Option("--from", help="First day of the period, YYYY-MM-DD in UTC.")],
        last_day: Annotated[str, typer.Option("--to", help="Last day of the period, included.")],
        json: AsJson = False,
        data: Data = None,
    ) -> None:
        """What the shop owed a merchant before a period, what moved, and what it owes after. Exit 1 if that does not add up."""
        from renga.domains.payments.commands import ledger_reports

        period = (merchant, first_day, last_day)
        if line.run(ledger_reports.statement(line, line.shop("payments", data=data), *period, json=json)):
            raise typer.Exit(1)

    @ledger.command()
    def verify(data: Data = None) -> None:
        """Check every transaction, checkpoint and total against the entries. Exit 1 if one is wrong."""
        from renga.domains.payments.commands import ledger_reports

        if line.run(ledger_reports.verify(line, line.shop("payments", data=data))):
            raise typer.Exit(1)
