"""``renga payments unknown``."""

from renga.domains.payments.contract.payments import READING_PAYMENTS
from renga.kernel.caller import Caller
from renga.platform.modules.command_line import CommandLine
from renga.platform.sections import Sections


async def report_unknown(line: CommandLine, settings: Sections, older_than_s: int) -> int:
    """Prints and counts them, oldest first."""
    async with line.opened(settings, "payments") as modules:
        caller = Caller.of_system("payments-unknown", READING_PAYMENTS)
        found = await modules["payments"].own.unknown(caller, older_than_s=older_than_s)
    for one in found:
        print(
            f"{one.age_s:>7} s  {one.kind:<9} {one.amount.amount} {one.amount.currency}  {one.provider}  "
            f"payment {one.payment}  key {one.key}  {one.attempts} attempts"
        )
    print(f"{len(found)} outcomes are unknown for more than {older_than_s} s")
    return len(found)
