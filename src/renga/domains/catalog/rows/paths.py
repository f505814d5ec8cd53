"""Pure: finds a value in a row by a path such as ``images.high`` or ``ean[0]``, and parses templates."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,6})\]")
_HOLE = re.compile(r"\{([^{}]+)\}")


def find(row: Mapping[str, Any], path: str) -> Any:
    """The value at a path, None if there is none. A field whose name equals the whole path takes precedence."""
    if path in row:
        return row[path]
    value: Any = row
    for step in _steps(path):
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str | int, ...]:
    return tuple(name or int(index) for name, index in _STEP.findall(path))


def template_parts(template: str) -> list[tuple[str, str | None]]:
    """``{brand}-{id}`` → ``[("", "brand"), ("-", "id"), ("", None)]``: a literal and the path that follows it."""
    pieces = _HOLE.split(template)
    return list(zip(pieces[::2], [*pieces[1::2], None], strict=True))
