"""Paths of invalid members (``variants[0].prices.BRL``) from msgspec's errors, in the same form on every interface."""

import re
from typing import Any

import msgspec

from renga.kernel.errors import Invalid

#: The end of msgspec's messages: the path, and whether the error is about a key of the object there.
_AT = re.compile(r" - at `(?P<key>key` in `)?\$(?P<path>.*)`\Z", re.DOTALL)
#: msgspec's messages about one member of an object.
_MEMBER = re.compile(r"Object (?:missing required|contains unknown) field `(?P<name>.*)`\Z", re.DOTALL)
#: msgspec's placeholder for a key of a map; it does not name the key.
_ANY = "[...]"
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+)\]|(?P<any>\[\.\.\.\])")
NAME_CHARACTERS_MAX = 60
#: Of larger bodies and maps the error does not name the key: to find it they are read again.
CONTAINERS_SHOWN_MAX, KEYS_SOUGHT_MAX = 10_000, 1_000


def invalid(error: msgspec.ValidationError, given: Any, kind: Any, *, strict: bool = True) -> Invalid:
    """The error for a value that is not of type ``kind``: ``field`` is the member's path. ``given`` is the decoded request."""
    reason, field = named(str(error), given, kind, strict=strict)
    return Invalid(f"{reason} - at `{field}`", field=field) if field else Invalid(reason)


def invalid_json(error: msgspec.ValidationError, body: bytes, kind: Any) -> Invalid:
    """As ``invalid``, for a JSON body."""
    try:
        given = msgspec.json.decode(body) if body.count(b"[") + body.count(b"{") <= CONTAINERS_SHOWN_MAX else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        given = None  # the rest of the body is not valid JSON
    return invalid(error, given, kind)


def named(message: str, given: Any, kind: Any, *, strict: bool = True) -> tuple[str, str]:
    """Split a message of msgspec into the reason and the path of the invalid member ("": the whole value)."""
    at = _AT.search(message)
    reason = message[: at.start()] if at else message
    path = at["path"] if at else ""
    member = _MEMBER.match(reason)
    if member:
        path += f".{member['name']}"
    elif at and at["key"]:
        path += _ANY
    if _ANY in path:
        path = _KeySearch(message, kind, strict).path(given, path)
    return reason, path.removeprefix(".")


class _KeySearch:
    """Which key of a map is meant: the last one of the fewest, from the first on, with which the error is there."""

    def __init__(self, message: str, kind: Any, strict: bool) -> None:
        self._message, self._kind, self._strict = message, kind, strict

    def path(self, given: Any, path: str) -> str:
        """The path with real keys in place of ``[...]``, up to the first key that cannot be found."""
        steps: list[Any] = []
        found = ""
        for step in _STEP.finditer(path):
            key = step["name"] if step["index"] is None else int(step["index"])
            if step["any"]:
                key = self._key(given, steps)
                if key is None:
                    return found
            steps.append(key)
            found += f"[{key}]" if isinstance(key, int) else f".{str(key)[:NAME_CHARACTERS_MAX]}"
        return found

    def _key(self, given: Any, steps: list[Any]) -> Any:
        try:
            whole = _part(given, steps)
        except (KeyError, IndexError, TypeError):
            return None
        if not isinstance(whole, dict) or len(whole) > KEYS_SOUGHT_MAX or not self._fails(given, steps, whole):
            return None
        keys = [*whole]
        low, high = 1, len(keys)
        while low < high:
            middle = (low + high) // 2
            if self._fails(given, steps, {key: whole[key] for key in keys[:middle]}):
                high = middle
            else:
                low = middle + 1
        return keys[low - 1]

    def _fails(self, given: Any, steps: list[Any], part: dict[Any, Any]) -> bool:
        try:
            msgspec.convert(_with(given, steps, part), self._kind, strict=self._strict)
        except msgspec.ValidationError as error:
            return str(error) == self._message
        return False


def _part(whole: Any, steps: list[Any]) -> Any:
    for step in steps:
        whole = whole[step]
    return whole


def _with(whole: Any, steps: list[Any], part: Any) -> Any:
    """A copy of the value in which the part at the end of the steps is replaced."""
    if not steps:
        return part
    copy = whole.copy()
    copy[steps[0]] = _with(whole[steps[0]], steps[1:], part)
    return copy
