"""Search's commands: ``renga search rebuild | verify | synonyms``. Implementations are imported when called."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from renga.platform.modules.command_line import CommandLine, Data


def add_commands(app: typer.Typer, line: CommandLine) -> None:
    """Add them to the command line."""
    search = typer.Typer(help="The search index and its synonyms.", no_args_is_help=True)
    app.add_typer(search, name="search")

    @search.command()
    def rebuild(data: Data = None) -> None:
        """Rebuild the search index beside the live one, and swap them."""
        from renga.domains.search.commands import index

        line.run(index.rebuild(line, line.shop("search", data=data)))

    @search.command()
    def verify(data: Data = None) -> None:
        """Compare the index with the catalogue. Exit 1 if they differ."""
        from renga.domains.search.commands import index

        sys.exit(line.run(index.verify(line, line.shop("search", data=data))) or 0)

    @search.command()
    def synonyms(
        language: Annotated[str, typer.Argument(help="Language tag, e.g. pt-BR.")],
        file: Annotated[Path, typer.Argument(help="TOML: [[synonyms]] with words and, for one-way synonyms, to.")],
        data: Data = None,
    ) -> None:
        """Replace the synonyms of a language by those of a file."""
        from renga.domains.search.commands import index

        words = index.read_synonyms(file)
        line.run(index.set_synonyms(line, line.shop("search", data=data), language, words))
