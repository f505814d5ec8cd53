"""Names of what is wrong in a request: ``variants[0].prices.BRL``, from the errors of msgspec, in one form on every face."""

import re
from typing import Any

import msgspec

from renga.kernel.errors import Invalid

#: How msgspec ends a message: the path, and that it means a key of the object there.
_AT = re.compile(r" - at `(?P<key>key` in `)?\$(?P<path>.*)`\Z", re.DOTALL)
#: What it says of an object, where a member of it is meant.
_MEMBER = re.compile(r"Object (?:missing required|contains unknown) field `(?P<name>.*)`\Z", re.DOTALL)
#: How it writes a key of an object that is a map; it does not say which.
_ANY = "[...]"
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+)\]|(?P<any>\[\.\.\.\])")
NAME_CHARACTERS_MAX = 60
#: Of larger bodies and maps the error does not name the key: to find it they are read again.
CONTAINERS_SHOWN_MAX, KEYS_SOUGHT_MAX = 10_000, 1_000


def invalid(error: msgspec.ValidationError, given: Any, kind: Any, *, strict: bool = True) -> Invalid:
    """The problem of a value that is none of this kind: ``field`` names the member. ``given`` is what was sent, decoded."""
    reason, field = named(str(error), given, kind, strict=strict)
    return Invalid(f"{reason} - at `{field}`", field=field) if field else Invalid(reason)


def invalid_json(error: msgspec.ValidationError, body: bytes, kind: Any) -> Invalid:
    """As ``invalid``, of a body."""
    try:
        given = msgspec.json.decode(body) if body.count(b"[") + body.count(b"{") <= CONTAINERS_SHOWN_MAX else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        given = None  # what follows the wrong member is no JSON either
    return invalid(error, given, kind)


def named(message: str, given: Any, kind: Any, *, strict: bool = True) -> tuple[str, str]:
    """Of a message of msgspec: the reason, and the path of what is wrong ("" is the whole)."""
    at = _AT.search(message)
    reason = message[: at.start()] if at else message
    path = at["path"] if at else ""
    member = _MEMBER.match(reason)
    if member:
        path += f".{member['name']}"
    elif at and at["key"]:
        path += _ANY
    if _ANY in path:
        path = _Finding(message, kind, strict).path(given, path)
    return reason, path.removeprefix(".")


class _Finding:
    """Which key of a map is meant: the last one of the fewest, from the first on, with which the error is there."""

    def __init__(self, message: str, kind: Any, strict: bool) -> None:
        self._message, self._kind, self._strict = message, kind, strict

    def path(self, given: Any, path: str) -> str:
        """The path with its keys, up to the first that cannot be found."""
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
    """A copy along the steps, with another part at their end."""
    if not steps:
        return part
    copy = whole.copy()
    copy[steps[0]] = _with(whole[steps[0]], steps[1:], part)
    return copy
