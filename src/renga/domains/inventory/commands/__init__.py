"""The inventory's commands: ``renga import-stock``, ``check-stock``. Implementations are imported when called."""

from typing import Annotated

import typer

from renga.platform.modules.command_line import CommandLine, Data


def add_commands(app: typer.Typer, line: CommandLine) -> None:
    """Add them to the command line."""

    @app.command("import-stock")
    def import_stock(
        file: Annotated[str, typer.Argument(help="CSV or JSON Lines file; - reads the standard input.")],
        data: Data = None,
    ) -> None:
        """Set what is on hand (columns sku, on_hand, location, safety). Run again to resume."""
        from renga.domains.inventory.commands import stock

        line.run(stock.import_stock(line, line.shop("inventory", data=data), file))

    @app.command("check-stock")
    def check_stock(data: Data = None) -> None:
        """Check that every level adds up to its journal and to the open reservations."""
        from renga.domains.inventory.commands import stock

        if line.run(stock.check_stock(line, line.shop("inventory", data=data))):
            raise typer.Exit(1)
