"""The command of pricing: ``renga quote``. The implementation is imported when called."""

from typing import Annotated

import typer

from renga.platform.modules.command_line import CommandLine, Data


def add_commands(app: typer.Typer, line: CommandLine) -> None:
    """Add it to the command line."""

    @app.command("quote")
    def quote(
        cart: Annotated[
            str, typer.Option(help="JSON file of a cart, as the API answers it, or - for the standard input.")
        ],
        explain: Annotated[bool, typer.Option(help="Say why, for every amount.")] = False,
        country: Annotated[str | None, typer.Option(help="Where it goes (ISO 3166-1), in place of the cart's.")] = None,
        postal_code: Annotated[str | None, typer.Option(help="Postal code of the destination.")] = None,
        coupon: Annotated[list[str] | None, typer.Option(help="A coupon code; may be repeated.")] = None,
        payment: Annotated[str | None, typer.Option(help="Payment method, such as pix.")] = None,
        language: Annotated[str | None, typer.Option(help="Language of the texts; else the shop's.")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print the quote as JSON.")] = False,
        data: Data = None,
    ) -> None:
        """What a cart would cost now, as a person reads it."""
        from renga.domains.pricing.commands import quoting

        options = quoting.QuoteOptions(
            cart=cart, explain=explain, country=country, postal_code=postal_code, coupons=tuple(coupon or ()),
            payment=payment, language=language, as_json=as_json,
        )  # fmt: skip
        line.run(quoting.quote_file(line, line.shop("pricing", data=data), options))
