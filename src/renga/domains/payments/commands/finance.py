"""``renga payouts run`` and, in the group ``renga payments``, ``settle`` and ``reconcile``. Implementations are imported when
called.
"""

from typing import Annotated

import typer

from renga.platform.modules.command_line import CommandLine, Data

Day = Annotated[str | None, typer.Option(help="The day, YYYY-MM-DD in UTC.")]
Provider = Annotated[str | None, typer.Option(help="Only this provider; else every one.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document per line.")]


def add_finance_commands(app: typer.Typer, payments: typer.Typer, line: CommandLine) -> None:
    """Add them to the command line; ``payments`` is the group ``renga payments``."""
    payouts = typer.Typer(help="Payouts to merchants.", no_args_is_help=True)
    app.add_typer(payouts, name="payouts")

    @payouts.command("run")
    def run(day: Day = None, json: AsJson = False, data: Data = None) -> None:
        """Make the payouts that are due on a day (the present one, if none is named) and were not made. Again changes nothing."""
        from renga.domains.payments.commands import finance_reports

        line.run(finance_reports.run_payouts(line, line.shop("payments", data=data), day, json=json))

    @payments.command("settle")
    def settle(day: Day = None, provider: Provider = None, data: Data = None) -> None:
        """Import the providers' settlement files of a day (yesterday, if none is named). Exit 1 if one does not fit."""
        from renga.domains.payments.commands import finance_reports

        if line.run(finance_reports.settle(line, line.shop("payments", data=data), day, provider)):
            raise typer.Exit(1)

    @payments.command("reconcile")
    def reconcile(
        day: Annotated[str, typer.Option(help="The day, YYYY-MM-DD in UTC.")],
        provider: Provider = None,
        json: AsJson = False,
        data: Data = None,
    ) -> None:
        """Compare the provider's list, its settlement file and the ledger, line by line. Exit 1 if anything differs."""
        from renga.domains.payments.commands import finance_reports

        if line.run(finance_reports.reconcile(line, line.shop("payments", data=data), day, provider, json=json)):
            raise typer.Exit(1)
