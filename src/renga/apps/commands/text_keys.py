"""The keys of texts that stand literally in a package's templates and code: ``t("cart.empty")``, ``t.count("cart.items", n)``."""

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

# Babel's extractors know calls of a name, not of its method: t.count; keys that end in a dot are joined with a code
_CALL = re.compile(r'\bt(?:\.count)?\(\s*"([a-z0-9_.-]*[a-z0-9_])"\s*[,)]')
_SUFFIXES = (".py", ".html")


def keys_in_sources(package: str) -> frozenset[str]:
    """All keys that a package names in full. Those of mails are joined from their kind, and none stands in full."""
    return frozenset(key for text in _sources(files(package)) for key in _CALL.findall(text))


def _sources(folder: Traversable) -> Iterator[str]:
    for one in folder.iterdir():
        if one.is_dir():
            if one.name not in ("__pycache__", "locales", "static"):
                yield from _sources(one)
        elif one.name.endswith(_SUFFIXES):
            yield one.read_text(encoding="utf-8")
