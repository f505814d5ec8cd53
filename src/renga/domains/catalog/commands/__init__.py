"""The catalogue's commands: ``renga seed``, ``import``, ``export``. Implementations are imported when called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from renga.platform.modules.command_line import CommandLine, Data


def add_commands(app: typer.Typer, line: CommandLine) -> None:
    """Add them to the command line."""

    @app.command()
    def seed(data: Data = None) -> None:
        """Add the demo products to the catalogue; repeating it changes nothing."""
        from renga.domains.catalog.commands import products

        line.run(products.seed(line, line.shop("catalog", data=data)))

    @app.command("import")
    def import_(
        file: Annotated[str, typer.Argument(help="JSON Lines or CSV file, also .gz; - reads the standard input.")],
        mapping: Annotated[Path | None, typer.Option(help="TOML or JSON file that maps foreign field names.")] = None,
        skip_bad: Annotated[
            bool, typer.Option("--skip-bad", help="Skip invalid rows instead of writing nothing.")
        ] = False,
        format_: Annotated[
            Literal["auto", "shopify"],
            typer.Option("--format", help="shopify: Shopify's product CSV (also detected by its header)."),
        ] = "auto",
        language: Annotated[str, typer.Option(help="Language of a Shopify file's texts.")] = "pt-BR",
        currency: Annotated[str, typer.Option(help="Currency of a Shopify file's prices.")] = "BRL",
        merchant: Annotated[str | None, typer.Option(help="Id of the merchant of a Shopify file's products.")] = None,
        data: Data = None,
    ) -> None:
        """Import products (upsert). Invalid rows are reported with line and reason; run again to resume."""
        from renga.domains.catalog.commands import products
        from renga.domains.catalog.feeds.shopify_reading import ShopifyTerms

        shopify = ShopifyTerms(
            language=language, currency=currency.upper(), merchant=merchant, always=format_ == "shopify"
        )
        settings = line.shop("catalog", data=data)
        line.run(products.import_products(line, settings, file, mapping=mapping, skip_bad=skip_bad, shopify=shopify))

    @app.command("export")
    def export(
        file: Annotated[str, typer.Argument(help="File to write; - is the standard output.")],
        format_: Annotated[
            Literal["jsonl", "shopify", "google"],
            typer.Option("--format", help="Renga's JSON Lines, Shopify's product CSV, Google's product feed."),
        ] = "jsonl",
        language: Annotated[str, typer.Option(help="Language of the texts (shopify, google).")] = "pt-BR",
        currency: Annotated[str, typer.Option(help="Currency of the prices (shopify, google).")] = "BRL",
        data: Data = None,
    ) -> None:
        """Export every product. A jsonl export can be imported again without loss."""
        from renga.domains.catalog.commands import products

        settings = line.shop("catalog", data=data)
        line.run(
            products.export_products(line, settings, file, name=format_, language=language, currency=currency.upper())
        )
