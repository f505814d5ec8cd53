"""Moments in the OpenAPI document: every member and parameter that is named as one is a ``date-time`` of RFC 3339."""

from typing import Any

#: How members that are moments are named; a test holds that no number is named so.
_NAMES = frozenset(("at", "since"))
_ENDING = "_at"
#: What ends like one and is none: a price to compare with.
_OTHERS = frozenset(("compare_at",))


def is_moment(name: str) -> bool:
    """Whether a member of this name is a moment."""
    return name in _NAMES or (name.endswith(_ENDING) and name not in _OTHERS)


def mark(node: Any) -> None:
    """Give the texts among them their format, in the whole document."""
    if isinstance(node, list):
        for one in node:
            mark(one)
    elif isinstance(node, dict):
        properties = node.get("properties")
        for name, schema in properties.items() if isinstance(properties, dict) else ():
            if is_moment(name):
                _formatted(schema)
        if "in" in node and "schema" in node and is_moment(str(node.get("name"))):
            _formatted(node["schema"])
        for one in node.values():
            mark(one)


def _formatted(schema: dict[str, Any]) -> None:
    kinds = [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    for kind in kinds:
        if kind.get("type") == "string":
            kind["format"] = "date-time"
