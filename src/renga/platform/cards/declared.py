"""What each operation declares about numbers that are no cards: which parameters and form fields are identifiers, and the types
of its bodies, whose fields say it themselves (``kernel/identifiers.py``)."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import msgspec.inspect

_NAMES, _FOUND, _STREAM = "card_identifiers", "card_identifiers_of", "card_stream"
#: Identifiers among a request's values, where only its handler knows them.
FindIdentifiers = Callable[[Mapping[str, Any]], Iterable[str]]


def identifiers(*names: str) -> dict[str, Any]:
    """A handler's ``opt``: these parameters of its path or query, or fields of its form, are identifiers."""
    return {_NAMES: names}


def identifiers_by(find: FindIdentifiers) -> dict[str, Any]:
    """A handler's ``opt``: ``find`` gives the identifiers in its body (a JSON object) or its query."""
    return {_FOUND: find}


def checks_rows_itself() -> dict[str, Any]:
    """A handler's ``opt``: it reads its body row by row, and refuses rows with a card's number itself."""
    return {_STREAM: True}


class CardRules(msgspec.Struct, frozen=True, kw_only=True):
    """``bodies`` has the types of the body by content type (empty: of any); of ``lines`` each line is one.

    ``streamed``: the body is checked by its handler. ``body_max_bytes`` None: as everywhere.
    """

    method: str
    path: str
    names: frozenset[str] = frozenset()
    bodies: Mapping[str, Any] = {}
    lines: Mapping[str, Any] = {}
    find: FindIdentifiers | None = None
    streamed: bool = False
    body_max_bytes: int | None = None


#: The method of a mount.
ANY = "*"
#: Of a request that no operation answers: nothing is exempt.
NOTHING = CardRules(method="", path="")


def declared_names(opt: Mapping[str, Any], query: Any = None) -> frozenset[str]:
    """The identifiers of an ``opt``, and the fields of a struct of query parameters that are."""
    return frozenset((*opt.get(_NAMES, ()), *(identifier_fields(query) if query is not None else ())))


def found_by(opt: Mapping[str, Any]) -> FindIdentifiers | None:
    """The function of ``identifiers_by``."""
    found: FindIdentifiers | None = opt.get(_FOUND)
    return found


def is_streamed(opt: Mapping[str, Any]) -> bool:
    """Whether ``checks_rows_itself``."""
    return bool(opt.get(_STREAM))


def identifier_fields(kind: Any) -> list[str]:
    """The names of a struct's fields whose texts are identifiers."""
    info = msgspec.inspect.type_info(kind)
    if not isinstance(info, msgspec.inspect.StructType):
        return []
    return [field.encode_name for field in info.fields if any(is_identifier(one) for one in alternatives(field.type))]


def is_identifier(kind: msgspec.inspect.Type) -> bool:
    """Whether the texts, or the texts in lists, of this type are identifiers."""
    if isinstance(kind, msgspec.inspect.Metadata):
        marked = bool((kind.extra or {}).get("identifier"))
        return marked or is_identifier(kind.type)
    if isinstance(kind, (msgspec.inspect.ListType, msgspec.inspect.VarTupleType, msgspec.inspect.SetType)):
        return is_identifier(kind.item_type)
    return False


def alternatives(kind: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, ...]:
    """The members of a union; any other type is alone."""
    return kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)


class CardRulesTable:
    """Finds the rules of a request's operation, by the number of the parts of its path."""

    def __init__(self, rules: Sequence[CardRules]) -> None:
        self._mounts = [one for one in rules if one.method == ANY]
        self._rules: dict[tuple[str, int], list[tuple[CardRules, re.Pattern[str]]]] = {}
        for one in sorted(rules, key=lambda one: one.path.count("{")):  # a word goes before a parameter
            if one.method != ANY:
                path = one.path.rstrip("/")
                self._rules.setdefault((one.method, path.count("/")), []).append((one, _pattern(path)))

    def find(self, method: str, path: str) -> tuple[CardRules, dict[str, str]]:
        """The rules, and the parameters of the path."""
        path = path.rstrip("/")
        for rules, pattern in self._rules.get((method, path.count("/")), ()):
            if match := pattern.fullmatch(path):
                return rules, match.groupdict()
        for rules in self._mounts:
            if path == rules.path or path.startswith(f"{rules.path}/"):
                return rules, {}
        return NOTHING, {}


def _pattern(path: str) -> "re.Pattern[str]":
    parts = re.split(r"{(\w+)[^}]*}", path)
    made = "".join(f"(?P<{part}>[^/]*)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    return re.compile(made, re.DOTALL)
