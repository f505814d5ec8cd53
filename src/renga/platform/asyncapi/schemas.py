"""Compares two JSON schemas for backward compatibility: every value of the new one must be valid under the old one."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
#: The named schemas of the old and the new document.
Both = tuple[dict[str, Any], dict[str, Any]]

#: Bounds that may only rise, bounds that may only fall (neither may be removed), and members that must not change.
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_EXACT = ("format", "pattern", "multipleOf", "contentEncoding")
_JSON = {str: "string", int: "integer", float: "number", bool: "boolean"}


def compare(was: Schema, now: Schema, *, schemas: Both, path: str = "") -> list[str]:
    """One line, with its path, for each kind of value that ``now`` allows and ``was`` does not."""
    return list(_compare(was, now, schemas, path, frozenset()))


def flat(schema: Schema, schemas: dict[str, Any]) -> Schema:
    """The schema with a reference and ``allOf`` on its first level resolved."""
    if "$ref" in schema:
        return flat(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    parts = [flat(part, schemas) for part in schema.get("allOf", ())]
    whole: Schema = {}
    for part in (*parts, {key: value for key, value in schema.items() if key != "allOf"}):
        members = {**whole.get("properties", {})}
        for name, member in part.get("properties", {}).items():
            members[name] = {"allOf": [members[name], member]} if name in members else member
        required = sorted({*whole.get("required", ()), *part.get("required", ())})
        whole = {**whole, **part}
        whole |= ({"properties": members} if members else {}) | ({"required": required} if required else {})
    return whole


def _compare(was: Schema, now: Schema, schemas: Both, path: str, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
    names = (str(was.get("$ref")), str(now.get("$ref")))
    if "$ref" in was and "$ref" in now:
        if names in seen:  # a recursive schema
            return
        seen |= {names}
    before = _alternatives(flat(was, schemas[0]), schemas[0])
    after = _alternatives(flat(now, schemas[1]), schemas[1])
    for one in after:
        alike = [other for other in before if _kinds_fit(other, one)]
        if alike:
            yield from min((list(_one(other, one, schemas, path, seen)) for other in alike), key=len)
        elif len(before) == len(after) == 1:
            yield f"{path} was {_kind(before[0])}, is {_kind(one)}"
        else:
            yield f"{path} may be {_kind(one)} now"


def _alternatives(schema: Schema, schemas: dict[str, Any]) -> list[Schema]:
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return [found for choice in choices for found in _alternatives(flat(choice, schemas), schemas)]
    if isinstance(schema.get("type"), list):
        return [{**schema, "type": kind} for kind in schema["type"]]
    return [schema]


def _kind(schema: Schema) -> str:
    kinds = {_JSON[type(value)] for value in _named(schema) or () if type(value) in _JSON}
    return str(schema.get("type", kinds.pop() if len(kinds) == 1 else "anything"))


def _kinds_fit(was: Schema, now: Schema) -> bool:
    kinds = (_kind(was), _kind(now))
    return kinds[0] in (kinds[1], "anything") or kinds == ("number", "integer")


def _one(was: Schema, now: Schema, schemas: Both, path: str, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
    yield from _values(was, now, path)
    for bound in (*_LOWER, *_UPPER, *_EXACT):
        if bound in was and not _holds(bound, was[bound], now.get(bound)):
            yield f"{path}: {bound} was {was[bound]}, is {now.get(bound, 'gone')}"
    yield from _members(was, now, schemas, path, seen)
    for key, step in (("items", "[]"), ("additionalProperties", ".*")):
        if isinstance(was.get(key), dict):
            rest = now.get(key)
            if rest is not False:
                yield from _compare(was[key], rest if isinstance(rest, dict) else {}, schemas, path + step, seen)


def _values(was: Schema, now: Schema, path: str) -> Iterator[str]:
    before, after = _named(was), _named(now)
    if before is None:
        return
    if after is None:
        yield f"{path} was one of {before}, may be anything now"
        return
    for value in after:
        if value not in before:
            yield f"{path} may be {value!r} now"


def _named(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _holds(bound: str, was: Any, now: Any) -> bool:
    if now is None or bound in _EXACT:
        return bool(now == was)
    return bool(now >= was if bound in _LOWER else now <= was)


def _members(was: Schema, now: Schema, schemas: Both, path: str, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
    members = now.get("properties", {})
    for name, before in was.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        if name not in members:
            yield f"{here} was removed"
            continue
        if name in was.get("required", ()) and name not in now.get("required", ()):
            yield f"{here} may be missing now"
        yield from _compare(before, members[name], schemas, here, seen)
