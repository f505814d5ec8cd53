"""Where the tables go: the terminal, bench/results/latest.json, docs/performance.md."""

from pathlib import Path
from string import Template

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from bench.results import Results
from bench.tables import Table, tables

_HERE = Path(__file__).parent
LATEST = _HERE / "results" / "latest.json"
PAGE = _HERE.parent / "docs" / "performance.md"
_TEMPLATE = _HERE / "performance.template.md"


def show(results: Results, console: Console) -> None:
    """Print every table."""
    for table in tables(results):
        shown = RichTable(title=table.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
        for number, name in enumerate(table.header):
            shown.add_column(name, justify="left" if number < table.left else "right", no_wrap=number >= table.left)
        for row in table.rows:
            styles = {"met": "[green]met[/green]", "not met": "[red]not met[/red]"}
            shown.add_row(*(styles.get(cell, cell) for cell in row))
        console.print(shown)
        if table.note:
            console.print(f"  [dim]{table.note}[/dim]\n", highlight=False)


def keep(results: Results) -> Path:
    """Write the results as JSON; returns the path."""
    LATEST.parent.mkdir(parents=True, exist_ok=True)
    LATEST.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")
    return LATEST


def markdown(table: Table) -> str:
    """The table in GitHub's Markdown."""
    rules = ["---" if number < table.left else "---:" for number in range(len(table.header))]
    rows = [table.header, tuple(rules), *table.rows]
    text = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"## {table.title}\n\n{text}\n" + (f"\n{table.note}\n" if table.note else "")


def page(results: Results) -> str:
    """The page docs/performance.md."""
    m = results.machine
    versions = ", ".join(f"{name} {version}" for name, version in m.versions.items())
    return Template(_TEMPLATE.read_text("utf-8")).substitute(
        command=results.options.command,
        date=results.at[:10],
        minutes=f"{results.took_s / 60:.0f}",
        machine=f"{m.processor}, {m.cores} cores, {m.memory_gb:.0f} GB of memory, {m.system}",
        versions=versions,
        driver=m.driver,
        tables="\n".join(markdown(table) for table in tables(results)),
    )


def write_page(results: Results) -> Path:
    """Write docs/performance.md; returns the path."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(results), "utf-8")
    return PAGE
