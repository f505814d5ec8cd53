"""The text keys that appear as literals in a package's templates and code: ``t("cart.empty")``, ``t.count("cart.items", n)``."""

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

# Babel extracts calls of functions, not of methods like t.count. A key that ends in a dot is a prefix: a code is appended.
_CALL = re.compile(r'\bt(?:\.count)?\(\s*"([a-z0-9_.-]*[a-z0-9_])"\s*[,)]')
_SUFFIXES = (".py", ".html")


def keys_in_sources(package: str) -> frozenset[str]:
    """All keys that are complete literals. Keys of mails are built from the mail's kind, so none is found."""
    return frozenset(key for text in _sources(files(package)) for key in _CALL.findall(text))


def _sources(folder: Traversable) -> Iterator[str]:
    for one in folder.iterdir():
        if one.is_dir():
            if one.name not in ("__pycache__", "locales", "static"):
                yield from _sources(one)
        elif one.name.endswith(_SUFFIXES):
            yield one.read_text(encoding="utf-8")
