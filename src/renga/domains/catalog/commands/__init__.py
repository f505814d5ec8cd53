"""The catalogue's commands: ``renga seed``, ``import``, ``export``. Each imports what it does when it is called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from renga.platform.modules.command_line import CommandLine, Data


def add_commands(app: typer.Typer, line: CommandLine) -> None:
    """Add them to the command line."""

    @app.command()
    def seed(data: Data = None) -> None:
        """Put the demo products into the catalogue; a second time changes nothing."""
        from renga.domains.catalog.commands import products

        line.run(products.seed(line, line.shop(data=data)))

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
        from renga.domains.catalog.commands import products
        from renga.domains.catalog.feeds.shopify_reading import ShopifyTerms

        shopify = ShopifyTerms(
            language=language, currency=currency.upper(), merchant=merchant, always=format_ == "shopify"
        )
        settings = line.shop(data=data)
        line.run(products.import_products(line, settings, file, mapping=mapping, skip_bad=skip_bad, shopify=shopify))

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
        from renga.domains.catalog.commands import products

        settings = line.shop(data=data)
        line.run(
            products.export_products(line, settings, file, name=format_, language=language, currency=currency.upper())
        )
