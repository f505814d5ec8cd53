"""Identity's command: ``renga demo``. It imports what it does when it is called."""

import typer

from renga.platform.modules.command_line import CommandLine, Data


def add_commands(app: typer.Typer, line: CommandLine) -> None:
    """Add it to the command line."""

    @app.command()
    def demo(data: Data = None) -> None:
        """Print how to log in as each of the demo shop's accounts, with the second factor's present code."""
        from renga.domains.identity.commands import demo

        demo.show(line.shop(part="secret", data=data))
