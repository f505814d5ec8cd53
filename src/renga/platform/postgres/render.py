"""A short-lived process in which Alembic renders pending migrations to SQL. JSON on stdin and stdout."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from alembic import command
from alembic.config import Config

from renga.platform.postgres.migrations import Rendered
from renga.platform.postgres.revisions import Revision


class RevisionUnusable(Exception):
    """A migration's own code failed while it was rendered."""


def render(waiting: Sequence[Revision], folders: dict[str, str]) -> list[Rendered]:
    """The SQL of each revision, in order."""
    return [Rendered(one.schema, one.revision, _sql(one, folders[one.schema])) for one in waiting]


def _sql(one: Revision, folder: str) -> str:
    buffer = io.StringIO()
    config = Config(output_buffer=buffer, attributes={"schema": one.schema})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("version_locations", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    try:
        command.upgrade(config, f"{one.previous or 'base'}:{one.revision}", sql=True)
    except Exception as error:
        raise RevisionUnusable(f"{one.schema} {one.revision}: {type(error).__name__}: {error}") from error
    return buffer.getvalue()


if __name__ == "__main__":
    arguments = msgspec.json.decode(sys.stdin.buffer.read(), type=tuple[list[Revision], dict[str, str]])
    sys.stdout.buffer.write(msgspec.json.encode(render(*arguments)))
