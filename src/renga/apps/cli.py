"""The command line: ``renga up · serve · work · migrate · settings · doctor · texts · token``, and the modules' commands."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from renga import __version__
from renga.apps.commands.opened import ShopCommandLine
from renga.apps.modules import MODULES
from renga.platform.modules.command_line import Data
from renga.platform.running import ending_in_one_line, run_until_signal
from renga.platform.settings import PlatformSettings, Sources

# Each command imports what it needs when it runs, so that no command loads the drivers and pages of the others.

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
    """Run a command. Expected errors print one line on stderr; exit status 2 for wrong input, 1 for an unreachable engine."""
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
    """Start the engines that have no URL set (Valkey, PostgreSQL), migrate, and serve the whole shop until Ctrl-C."""
    from renga.apps.commands import serving

    settings = LINE.settings(host=host, port=port, data=data)
    run_until_signal(serving.up(settings, seed=seed, worker=worker))


@app.command()
def serve(host: Host = None, port: Port = None, data: Data = None) -> None:
    """Serve HTTP only, on engines that are already running."""
    from renga.apps.commands import serving

    run_until_signal(serving.serve(LINE.running(host=host, port=port, data=data)))


@app.command()
def work(data: Data = None) -> None:
    """Run a worker only: relay events, expire carts, update read models. Run any number of them."""
    from renga.apps.commands import serving

    run_until_signal(serving.work(LINE.running(data=data)))


@app.command()
def provider(
    port: Annotated[int | None, typer.Option(help="Port to listen on (RENGA_PROVIDER_PORT).", min=0, max=65535)] = None,
    data: Data = None,
    shop_webhook: Annotated[
        str | None, typer.Option(help="URL that messages are posted to (RENGA_PROVIDER_SHOP_WEBHOOK).")
    ] = None,
    env: Annotated[
        bool, typer.Option("--env", help="Print its address and secrets as shell variables, and end.")
    ] = False,
) -> None:
    """Run the simulated payment provider alone: cards, Pix, boletos and faults for tests, and never real money."""
    from renga.apps.commands import provider

    given: dict[str, Any] = {"data": data, "provider.port": port, "provider.shop_webhook": shop_webhook}
    if env:
        print(provider.environment(LINE.chosen(quiet=True, **given)))
    else:
        run_until_signal(provider.run(LINE.settings(**given)))


@app.command()
def migrate(data: Data = None) -> None:
    """Migrate the database; safe to run in parallel."""
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
    """Show every setting: its value, where it was set, and its environment variable. Secrets are never printed."""
    from renga.apps.commands.settings import show

    show(Sources(overrides={"data": data}))


@app.command()
def doctor(port: Port = None, data: Data = None) -> None:
    """Check engines, port, permissions, disk and clocks; print how to fix each fault. Exit status 1 if a check failed."""
    from renga.apps.commands import doctor

    sys.exit(run_until_signal(doctor.check(LINE.chosen(port=port, data=data, quiet=True))))


@app.command()
def texts(
    update: Annotated[
        bool, typer.Option("--update", help="Add the keys of the English PO file to all others.")
    ] = False,
    add: Annotated[str, typer.Option(help="Add a language, e.g. es: creates its PO files.")] = "",
) -> None:
    """Show how complete the translations of pages and mails are, per language. Exit status 2 if something is missing or wrong."""
    from renga.apps.commands import texts

    platform = LINE.settings(quiet=True)[PlatformSettings]
    if update or add:
        texts.update(platform, add)
    sys.exit(texts.report(platform))


@app.command()
def token(
    subject: Annotated[str, typer.Argument(help="Subject of the token, e.g. a customer's id.")],
    scope: Annotated[str, typer.Option(help="Scopes, separated by spaces.")] = "cart",
    life: Annotated[int, typer.Option(help="Seconds until it expires.", min=1, max=86_400)] = 3_600,
    merchant: Annotated[
        list[str] | None, typer.Option(help="Id of a merchant that the token may act for; repeatable.")
    ] = None,
    data: Data = None,
) -> None:
    """Print an access token signed with this data folder's own key, for development."""
    from renga.apps.commands import tokens

    print(tokens.token(LINE.shop(part="token-key.json", data=data), subject, scope, life, tuple(merchant or ())))


@app.command(hidden=True)
def contracts(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if a file is out of date.")] = False,
    breaking: Annotated[
        bool, typer.Option("--breaking", help="Write the documents even if they break clients.")
    ] = False,
    folder: Annotated[Path, typer.Option(help="Folder of the documents.")] = Path("contracts"),
) -> None:
    """Write the generated interface documents (OpenAPI, GraphQL, AsyncAPI) that are committed to the repository."""
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
