"""Settlement files, and what reconciliation finds."""

from typing import Literal

from msgspec import Struct

from renga.kernel.money import Money

#: Bounds: lines and bytes of a file, differences of an import's report.
SETTLEMENT_LINES_MAX = 50_000
SETTLEMENT_BYTES_MAX = 16 * 1024 * 1024
REPORTED_MAX = 1_000
SETTLEMENTS_PAGE_MAX = 100
SETTLEMENT_ID_CHARS_MAX = 120

DifferenceKind = Literal[
    "missing_here", "missing_there", "amount_differs", "fee_differs", "settled_twice", "unsettled",
]  # fmt: skip


class SettlementLine(Struct, frozen=True, kw_only=True):
    """One line of a settlement file: ``gross - fee = net`` of one capture, refund or dispute, in minor units; refunds are
    negative.

    ``number``, ``of``: which instalment this is. ``id`` is unique within the provider.
    """

    id: str
    ref: str
    kind: Literal["capture", "refund", "dispute", "dispute_won"]
    currency: str
    gross: int
    fee: int
    net: int
    number: int = 1
    of: int = 1


class SettlementFile(Struct, frozen=True, kw_only=True):
    """What a provider paid out for one day (``YYYY-MM-DD``, UTC). ``id`` is unique within the provider."""

    id: str
    provider: str
    day: str
    lines: tuple[SettlementLine, ...]


class ReconciliationDifference(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One difference between the provider and the shop, about the payment that the provider calls ``ref``.

    ``missing_here``   the provider has it and the shop does not
    ``missing_there``  the shop has it and the provider does not
    ``amount_differs`` both have it with other amounts; ``what`` says which (captured, refunded, ledger, line, settled)
    ``fee_differs``    the provider's file has another fee than the shop wrote down
    ``settled_twice``  more was settled than was captured or refunded
    ``unsettled``      it should have been settled by now
    ``there`` and ``here`` are minor units of ``currency``.
    """

    kind: DifferenceKind
    provider: str
    ref: str
    what: str
    currency: str = ""
    there: int | None = None
    here: int | None = None
    reference: str = ""
    line: str = ""


class SettlementReport(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A settlement file that was imported. ``again``: it had been before, and nothing was written.

    ``differences`` are at most REPORTED_MAX of ``differences_count``.
    """

    id: str
    provider: str
    day: str
    lines: int
    gross: tuple[Money, ...]
    fees: tuple[Money, ...]
    net: tuple[Money, ...]
    imported_at: str
    again: bool = False
    differences_count: int = 0
    differences: tuple[ReconciliationDifference, ...] = ()


class SettlementPage(Struct, frozen=True, kw_only=True):
    """Newest first. ``next`` continues."""

    items: tuple[SettlementReport, ...]
    next: str | None = None


class Reconciliation(Struct, frozen=True, kw_only=True):
    """What was compared on a day, and how many differences there are by provider."""

    day: str
    provider: str
    records: int
    settlement_lines: int
    differences: int
