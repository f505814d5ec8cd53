"""Timestamps in the OpenAPI document: every member and parameter named like one is an RFC 3339 ``date-time``."""

from typing import Any

#: Names of timestamps; a test checks that no number has such a name.
_NAMES = frozenset(("at", "since"))
_ENDING = "_at"
#: Names with that ending that are not timestamps: a price to compare with.
_OTHERS = frozenset(("compare_at",))


def is_timestamp(name: str) -> bool:
    """Whether a member of this name is a timestamp."""
    return name in _NAMES or (name.endswith(_ENDING) and name not in _OTHERS)


def mark(node: Any) -> None:
    """Set the format ``date-time`` on every string with such a name, in the whole document."""
    if isinstance(node, list):
        for one in node:
            mark(one)
    elif isinstance(node, dict):
        properties = node.get("properties")
        for name, schema in properties.items() if isinstance(properties, dict) else ():
            if is_timestamp(name):
                _formatted(schema)
        if "in" in node and "schema" in node and is_timestamp(str(node.get("name"))):
            _formatted(node["schema"])
        for one in node.values():
            mark(one)


def _formatted(schema: dict[str, Any]) -> None:
    kinds = [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    for kind in kinds:
        if kind.get("type") == "string":
            kind["format"] = "date-time"
