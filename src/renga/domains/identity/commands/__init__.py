"""Identity's command ``renga demo``. Its implementation is imported when it is called."""

import typer

from renga.platform.modules.command_line import CommandLine, Data


def add_commands(app: typer.Typer, line: CommandLine) -> None:
    """Add it to the command line."""

    @app.command()
    def demo(data: Data = None) -> None:
        """Print the credentials of the demo shop's accounts, with the present second-factor codes."""
        from renga.domains.identity.commands import demo

        demo.show(line.shop(part="secret", data=data))
