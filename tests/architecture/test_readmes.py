"""Every file and folder that a README or a guide names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "README.pt-BR.md", "CONTRIBUTING.md", "bench/README.md")),
    *sorted((ROOT / "src" / "renga").glob("**/README.md")),
    *sorted((ROOT / "docs" / "guides").glob("*.md")),
]
#: Named as what a shop or a run makes, or as a kind of content: not files of the repository.
MADE_ELSEWHERE = {
    "renga.toml", ".renga/mail/", "valkey/url", "media/", "umd/", "bench/results/latest.json",
    "application/json", "application/x-ndjson",
}  # fmt: skip
SOURCES = {
    path.relative_to(ROOT).as_posix()
    for top in ("src", "tests", "docs", "bench", "scripts", "contracts")
    for path in (ROOT / top).rglob("*")
    if "__pycache__" not in path.parts
} | {path.name for path in ROOT.iterdir()}


def named_files(text: str) -> list[str]:
    """Backticked names that end like a file, or are plain paths with a slash."""
    plain = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    names = re.findall(r"`([^`\n]+)`", plain)
    return [n for n in names if re.fullmatch(r"[\w./-]+\.(py|lua|md|toml)|[\w.][\w.-]*(/[\w.-]+)*/([\w.-]+)?", n)]


def missing(page: Path) -> list[str]:
    """Names that are below no folder of the page's own, and no path from the root."""
    own = page.parent.relative_to(ROOT).as_posix()
    near = {p for p in SOURCES if own == "." or p.startswith(own + "/")} if own.startswith("src") else SOURCES
    found = []
    for name in named_files(page.read_text("utf-8")):
        wanted = name.rstrip("/")
        known = wanted in SOURCES or any(p.endswith("/" + wanted) for p in (SOURCES if "/" in name else near))
        if not known and name not in MADE_ELSEWHERE:
            found.append(name)
    return found


def broken_links(page: Path) -> list[str]:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
    near = [link for link in links if "://" not in link and not link.startswith(("mailto:", "/"))]
    return [link for link in near if not (page.parent / link).exists()]


@pytest.mark.parametrize("named_in", PAGES, ids=lambda each: str(each.relative_to(ROOT)))
def test_every_file_that_a_page_names_is_there(named_in: Path) -> None:
    assert missing(named_in) == []
    assert broken_links(named_in) == []


def test_a_name_that_is_gone_is_found(tmp_path: Path) -> None:
    text = "`gone.py`, `stores/redis.py`, `a + b`, `POST /v1/x`\n```\n`code.py`\n```\n"
    assert named_files(text) == ["gone.py", "stores/redis.py"]
    page = tmp_path / "README.md"
    page.write_text("[guide](docs/none.md) and [web](https://example.com)")
    assert broken_links(page) == ["docs/none.md"]
