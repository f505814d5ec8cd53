"""The results of an import: problems of rows, the report, the refusal."""

from collections.abc import Callable, Sequence

import msgspec

from renga.kernel.errors import Invalid

#: Called with the rows done so far and how many there are (None while the file is still being checked).
Progress = Callable[[int, int | None], None]


class RowProblem(msgspec.Struct, frozen=True):
    """One problem of one row. ``line`` counts from 1 and is the row's first line in the file."""

    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.field}: {self.reason}" if self.field else f"line {self.line}: {self.reason}"


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """The report of an import. ``rows`` counts the file's rows, ``created``, ``changed`` and ``unchanged`` products.

    ``skipped``        rows that were bad and left out (only with skip_bad)
    ``problems``       what was wrong with them: the first PROBLEMS_KEPT_MAX of ``problems_total``
    ``resumed``        products that an earlier, interrupted run of the same import had written
    ``ignored``        names of fields that nobody understood (only without a mapping)
    """

    rows: int
    created: int
    changed: int
    unchanged: int
    skipped: int
    problems: tuple[RowProblem, ...]
    problems_total: int
    resumed: int
    ignored: tuple[str, ...]
    seconds: float


class ImportRefused(Invalid):
    """The file, or some of its rows, cannot be imported; ``detail`` is one line for a person.

    ``problems`` holds the first PROBLEMS_KEPT_MAX of ``problems_total`` problems.
    """

    code = "import_refused"
    title = "The import is refused"

    def __init__(self, detail: str, problems: Sequence[RowProblem] = (), problems_total: int = 0) -> None:
        super().__init__(detail, problems=[msgspec.to_builtins(p) for p in problems], problems_total=problems_total)
        self.problems = tuple(problems)
        self.problems_total = problems_total
