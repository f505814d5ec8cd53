"""``renga import-stock`` and ``check-stock``."""

import sys
from pathlib import Path

from renga.domains.inventory.contract import ALL_LEVELS
from renga.domains.inventory.feeds import FILE_BYTES_MAX, read_rows
from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid
from renga.platform.modules.command_line import CommandLine
from renga.platform.sections import Sections


async def import_stock(line: CommandLine, settings: Sections, file: str) -> None:
    body = _bytes_of(file)
    async with line.opened(settings, "inventory") as modules:
        rows = await read_rows(body)
        report = await modules["inventory"].own.import_levels(Caller.of_system("import-stock", ALL_LEVELS), rows)
    print(f"{report.rows} rows: {report.changed} levels changed, {report.unchanged} unchanged")


async def check_stock(line: CommandLine, settings: Sections) -> int:
    """Prints and counts the levels that do not add up."""
    async with line.opened(settings, "inventory") as modules:
        broken = await modules["inventory"].own.verify(Caller.of_system("check-stock", ALL_LEVELS))
    for one in broken:
        print(
            f"{one.sku} at {one.location}: on hand {one.on_hand_milli} (journal {one.journal_on_hand_milli}), "
            f"reserved {one.reserved_milli} (journal {one.journal_reserved_milli}, held {one.held_milli})"
        )
    print("every level adds up" if not broken else f"{len(broken)} levels do not add up")
    return len(broken)


def _bytes_of(file: str) -> bytes:
    """Raises Invalid."""
    try:
        if file == "-":
            body = sys.stdin.buffer.read(FILE_BYTES_MAX + 1)
        else:
            with Path(file).open("rb") as opened:
                body = opened.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise Invalid(f"{file} is not a file that can be read") from error
    if len(body) > FILE_BYTES_MAX:
        raise Invalid(f"{file} has more than {FILE_BYTES_MAX} bytes")
    return body
