"""The command line: ``renga up · serve · work · migrate · settings · doctor · texts · token``, and the modules' commands."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from renga import __version__
from renga.apps.commands.opened import ShopCommandLine
from renga.apps.modules import MODULES
from renga.platform.modules.command_line import Data
from renga.platform.running import ending_in_one_line, run_until_signal
from renga.platform.settings import PlatformSettings, Sources

# Each command imports what it does itself: an import of products shall not wait for the drivers and pages of the rest.

app = typer.Typer(
    name="renga",
    help="A headless commerce platform whose cart is a Redis write model.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
events = typer.Typer(help="The event bus.", no_args_is_help=True)
app.add_typer(events, name="events")
LINE = ShopCommandLine()

Host = Annotated[str | None, typer.Option(help="Address to listen on (RENGA_HOST).")]
Port = Annotated[int | None, typer.Option(help="Port to listen on (RENGA_PORT).", min=1, max=65535)]


def _version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A headless commerce platform whose cart is a Redis write model."""


def main() -> None:
    """Run a command."""
    with ending_in_one_line():
        app(standalone_mode=True)


@app.command()
def up(
    host: Host = None,
    port: Port = None,
    data: Data = None,
    seed: Annotated[bool, typer.Option(help="Fill an empty catalogue with the demo products.")] = True,
    worker: Annotated[bool, typer.Option(help="Run a worker beside the web process.")] = True,
) -> None:
    """Start what no URL names (Valkey, PostgreSQL), migrate, and serve the whole shop until Ctrl-C."""
    from renga.apps.commands import serving

    settings = LINE.settings(host=host, port=port, data=data)
    run_until_signal(serving.up(settings, seed=seed, worker=worker))


@app.command()
def serve(host: Host = None, port: Port = None, data: Data = None) -> None:
    """Serve HTTP only, on engines that run already."""
    from renga.apps.commands import serving

    run_until_signal(serving.serve(LINE.running(host=host, port=port, data=data)))


@app.command()
def work(data: Data = None) -> None:
    """Run a worker only: relay events, expire carts, keep read models. Start as many as you like."""
    from renga.apps.commands import serving

    run_until_signal(serving.work(LINE.running(data=data)))


@app.command()
def migrate(data: Data = None) -> None:
    """Bring the database up to date; safe to run twice at once."""
    from renga.apps.commands import serving

    run_until_signal(serving.migrate(LINE.shop(data=data)))


@events.command("tail")
def tail(
    patterns: Annotated[list[str] | None, typer.Argument(help="Routing keys, e.g. 'cart.*'; all by default.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One CloudEvent in JSON a line.")] = False,
    data: Data = None,
) -> None:
    """Show events as they happen, until Ctrl-C."""
    from renga.apps.commands.tail import tail

    run_until_signal(tail(LINE.running(data=data), tuple(patterns or ("#",)), as_json=json))


@app.command()
def settings(data: Data = None) -> None:
    """Show every setting: its value, who set it, and the variable that sets it. Secrets never print."""
    from renga.apps.commands.settings import show

    show(Sources(overrides={"data": data}))


@app.command()
def doctor(port: Port = None, data: Data = None) -> None:
    """Check engines, port, permissions, disk and clocks, and say what to mend. Exit 1 if something must be."""
    from renga.apps.commands import doctor

    sys.exit(run_until_signal(doctor.check(LINE.settings(port=port, data=data, quiet=True))))


@app.command()
def texts(
    update: Annotated[bool, typer.Option("--update", help="Give every PO file the keys of the English one.")] = False,
    add: Annotated[str, typer.Option(help="Begin a language, e.g. es: PO files to translate.")] = "",
) -> None:
    """Show how complete the texts of pages and mails are, per language. Exit 2 if something is missing or does not fit."""
    from renga.apps.commands import texts

    platform = LINE.settings(quiet=True)[PlatformSettings]
    if update or add:
        texts.update(platform, add)
    sys.exit(texts.report(platform))


@app.command()
def token(
    subject: Annotated[str, typer.Argument(help="Who the token is for, e.g. a customer's id.")],
    scope: Annotated[str, typer.Option(help="Scopes, separated by blanks.")] = "cart",
    life: Annotated[int, typer.Option(help="Seconds until it expires.", min=1, max=86_400)] = 3_600,
    merchant: Annotated[list[str] | None, typer.Option(help="Id of a merchant that it works for; repeatable.")] = None,
    data: Data = None,
) -> None:
    """Print an access token signed with this data folder's own key, for development."""
    from renga.apps.commands import tokens

    print(tokens.token(LINE.shop(part="token-key.json", data=data), subject, scope, life, tuple(merchant or ())))


@app.command(hidden=True)
def contracts(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the files are fresh.")] = False,
    breaking: Annotated[bool, typer.Option("--breaking", help="Release a schema that breaks clients.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the files are.")] = Path("contracts"),
) -> None:
    """Write the generated interface documents (OpenAPI, GraphQL, AsyncAPI) that are committed."""
    from renga.apps.commands.contracts import generate

    generate(folder, check=check, breaking=breaking)


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)


for _module in MODULES:
    if _module.commands is not None:
        _module.commands(app, LINE)


if __name__ == "__main__":
    main()
