"""The command line: ``renga up · serve · work · migrate · seed · import · export · search rebuild/verify/synonyms · events tail
· settings · doctor · texts · token · demo``."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from renga import __version__
from renga.apps.settings import Settings, load_settings, reach
from renga.kernel.errors import Invalid, RengaError
from renga.platform.running import run_until_signal
from renga.platform.settings import Sources

# Each command imports what it does itself: an import of products shall not wait for the modules of the web.

app = typer.Typer(
    name="renga",
    help="A headless commerce platform whose cart is a Redis write model.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
events = typer.Typer(help="The event bus.", no_args_is_help=True)
app.add_typer(events, name="events")
search = typer.Typer(help="The index of search, and what steers it.", no_args_is_help=True)
app.add_typer(search, name="search")

Host = Annotated[str | None, typer.Option(help="Address to listen on (RENGA_HOST).")]
Port = Annotated[int | None, typer.Option(help="Port to listen on (RENGA_PORT).", min=1, max=65535)]
Data = Annotated[str | None, typer.Option(help="Folder of the embedded engines' data (RENGA_DATA).")]


def main() -> None:
    """Run a command. Foreseen errors are one line on stderr: exit 2 for wrong input, 1 for an engine that is away."""
    try:
        app(standalone_mode=True)
    except RengaError as error:
        print(f"renga: {error.detail}", file=sys.stderr)
        sys.exit(2 if isinstance(error, Invalid) else 1)


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

    settings = _settings(host=host, port=port, data=data)
    run_until_signal(serving.up(settings, seed=seed, worker=worker))


@app.command()
def serve(host: Host = None, port: Port = None, data: Data = None) -> None:
    """Serve HTTP only, on engines that run already."""
    from renga.apps.commands import serving

    run_until_signal(serving.serve(reach(_settings(host=host, port=port, data=data))))


@app.command()
def work(data: Data = None) -> None:
    """Run a worker only: relay events, expire carts, keep read models. Start as many as you like."""
    from renga.apps.commands import serving

    run_until_signal(serving.work(reach(_settings(data=data))))


@app.command()
def migrate(data: Data = None) -> None:
    """Bring the database up to date; safe to run twice at once."""
    from renga.apps.commands import serving

    run_until_signal(serving.migrate(_settings(data=data)))


@app.command()
def seed(data: Data = None) -> None:
    """Put the demo products into the catalogue; a second time changes nothing."""
    from renga.apps.commands import products

    run_until_signal(products.seed(_settings(data=data)))


@app.command("import")
def import_(
    file: Annotated[str, typer.Argument(help="JSON Lines or CSV file, also .gz; - reads the standard input.")],
    mapping: Annotated[Path | None, typer.Option(help="TOML or JSON file that maps foreign field names.")] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave bad rows out instead of writing nothing.")
    ] = False,
    format_: Annotated[
        Literal["auto", "shopify"],
        typer.Option("--format", help="shopify: its product CSV (also known by its header)."),
    ] = "auto",
    language: Annotated[str, typer.Option(help="Language of a Shopify file's texts.")] = "pt-BR",
    currency: Annotated[str, typer.Option(help="Currency of a Shopify file's prices.")] = "BRL",
    merchant: Annotated[str | None, typer.Option(help="Id of the merchant of a Shopify file's products.")] = None,
    data: Data = None,
) -> None:
    """Import products (upsert). Bad rows are reported with line and reason; run again to resume."""
    from renga.apps.commands import products
    from renga.domains.catalog.feeds.shopify_reading import ShopifyTerms

    shopify = ShopifyTerms(language=language, currency=currency.upper(), merchant=merchant, always=format_ == "shopify")
    run_until_signal(
        products.import_products(_settings(data=data), file, mapping=mapping, skip_bad=skip_bad, shopify=shopify)
    )


@app.command("export")
def export(
    file: Annotated[str, typer.Argument(help="File to write; - is the standard output.")],
    format_: Annotated[
        Literal["jsonl", "shopify", "google"],
        typer.Option("--format", help="Our own JSON Lines, Shopify's product CSV, Google's product feed."),
    ] = "jsonl",
    language: Annotated[str, typer.Option(help="Language of the texts (shopify, google).")] = "pt-BR",
    currency: Annotated[str, typer.Option(help="Currency of the prices (shopify, google).")] = "BRL",
    data: Data = None,
) -> None:
    """Export every product: jsonl comes back whole by an import."""
    from renga.apps.commands import products

    settings = _settings(data=data)
    run_until_signal(
        products.export_products(settings, file, name=format_, language=language, currency=currency.upper())
    )


@search.command("rebuild")
def search_rebuild(data: Data = None) -> None:
    """Build the index of search anew beside the live one, and swap them."""
    from renga.apps.commands import search

    run_until_signal(search.rebuild(_settings(data=data)))


@search.command("verify")
def search_verify(data: Data = None) -> None:
    """Compare the index with the catalogue. Exit 1 if they differ."""
    from renga.apps.commands import search

    sys.exit(run_until_signal(search.verify(_settings(data=data))) or 0)


@search.command("synonyms")
def search_synonyms(
    language: Annotated[str, typer.Argument(help="Language tag, e.g. pt-BR.")],
    file: Annotated[Path, typer.Argument(help="TOML: [[synonyms]] with words and, for one direction, to.")],
    data: Data = None,
) -> None:
    """Replace the synonyms of a language by those of a file."""
    from renga.apps.commands import search

    run_until_signal(search.set_synonyms(_settings(data=data), language, file))


@events.command("tail")
def tail(
    patterns: Annotated[list[str] | None, typer.Argument(help="Routing keys, e.g. 'cart.*'; all by default.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One CloudEvent in JSON a line.")] = False,
    data: Data = None,
) -> None:
    """Show events as they happen, until Ctrl-C."""
    from renga.apps.commands.tail import tail

    run_until_signal(tail(reach(_settings(data=data)), tuple(patterns or ("#",)), as_json=json))


@app.command()
def settings(data: Data = None) -> None:
    """Show every setting: its value, who set it, and the variable that sets it. Secrets never print."""
    from renga.apps.commands.settings import show

    show(Sources(overrides={"data": data}))


@app.command()
def doctor(port: Port = None, data: Data = None) -> None:
    """Check engines, port, permissions, disk and clocks, and say what to mend. Exit 1 if something must be."""
    from renga.apps.commands import doctor

    sys.exit(run_until_signal(doctor.check(_settings(port=port, data=data, quiet=True))))


@app.command()
def texts(
    update: Annotated[bool, typer.Option("--update", help="Give every PO file the keys of the English one.")] = False,
    add: Annotated[str, typer.Option(help="Begin a language, e.g. es: PO files to translate.")] = "",
) -> None:
    """Show how complete the texts of pages and mails are, per language. Exit 2 if something is missing or does not fit."""
    from renga.apps.commands import texts

    platform = _settings(quiet=True).platform
    if update or add:
        texts.update(platform, add)
    sys.exit(texts.report(platform))


@app.command()
def token(
    subject: Annotated[str, typer.Argument(help="Who the token is for, e.g. a customer's id.")],
    scope: Annotated[str, typer.Option(help="Scopes, separated by blanks; 'carts:any' is a service.")] = "cart",
    life: Annotated[int, typer.Option(help="Seconds until it expires.", min=1, max=86_400)] = 3_600,
    merchant: Annotated[list[str] | None, typer.Option(help="Id of a merchant that it works for; repeatable.")] = None,
    data: Data = None,
) -> None:
    """Print an access token signed with this data folder's own key, for development."""
    from renga.apps.commands import tokens

    print(tokens.token(_settings(data=data), subject, scope, life, tuple(merchant or ())))


@app.command()
def demo(data: Data = None) -> None:
    """Print how to log in as each of the demo shop's accounts, with the second factor's present code."""
    from renga.apps.commands import demo

    demo.show(_settings(data=data))


@app.command(hidden=True)
def contracts(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the files are fresh.")] = False,
    breaking: Annotated[bool, typer.Option("--breaking", help="Release a schema that breaks clients.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the files are.")] = Path("contracts"),
) -> None:
    """Write the generated interface documents (OpenAPI, GraphQL) that are committed."""
    from renga.apps.commands.contracts import generate

    generate(folder, check=check, breaking=breaking)


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)


def _settings(*, quiet: bool = False, **overrides: Any) -> Settings:
    """``quiet``: without logs, for what prints what it finds."""
    from renga.platform.telemetry import logs

    loaded = load_settings(Sources(overrides=overrides))
    if quiet:
        logs.silence()
    else:
        logs.configure(loaded.platform.log_level, loaded.platform.log_format)
    return loaded


if __name__ == "__main__":
    main()
