"""Every text in a decoded JSON value, with its path, by the declared type: which are identifiers, which numbers are amounts."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import inspect

from renga.kernel.card_numbers import find_cards
from renga.platform.cards.declared import alternatives, is_identifier

Kinds = tuple[inspect.Type, ...]
UNKNOWN: Kinds = ()


class MemberText(NamedTuple):
    """``identifier``: it names a thing or is an amount, and may look like a card's number."""

    path: str
    text: str
    identifier: bool


def kinds_of(kind: Any) -> Kinds:
    """The alternatives of a type; of None none is known."""
    return UNKNOWN if kind is None else alternatives(inspect.type_info(kind))


def member_texts(value: Any, kinds: Kinds, path: str = "") -> Iterator[MemberText]:
    """Texts, names of unknown members, and numbers. Not recursive: as deep as it may be."""
    waiting = [(value, kinds, path)]
    while waiting:
        value, kinds, path = waiting.pop()
        if isinstance(value, str):
            yield MemberText(path, value, any(is_identifier(kind) for kind in kinds))
        elif isinstance(value, dict):
            for key, one in value.items():
                member, known = f"{path}.{key}" if path else key, _member(kinds, key)
                if known is None:
                    yield MemberText(member, key, _is_key(kinds))
                waiting.append((one, _value_kinds(kinds) if known is None else known, member))
        elif isinstance(value, list):
            items = _item_kinds(kinds)
            waiting += ((one, items, f"{path}[{index}]") for index, one in enumerate(value))
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            whole = isinstance(value, int) or value.is_integer()
            yield MemberText(path, str(int(value)) if whole else repr(value), _has_number(kinds))


def _bare(kind: inspect.Type) -> inspect.Type:
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    return kind


def _member(kinds: Kinds, key: str) -> Kinds | None:
    """The type of a known member; None: no struct has it."""
    for kind in map(_bare, kinds):
        if isinstance(kind, inspect.StructType):
            for field in kind.fields:
                if field.encode_name == key:
                    return alternatives(field.type)
    return None


def _value_kinds(kinds: Kinds) -> Kinds:
    """The values of a map; an unknown member of a struct has no type."""
    return tuple(
        one for kind in map(_bare, kinds) if isinstance(kind, inspect.DictType) for one in alternatives(kind.value_type)
    )


def _is_key(kinds: Kinds) -> bool:
    return any(isinstance(kind, inspect.DictType) and is_identifier(kind.key_type) for kind in map(_bare, kinds))


def _item_kinds(kinds: Kinds) -> Kinds:
    found: list[inspect.Type] = []
    for kind in map(_bare, kinds):
        if isinstance(kind, (inspect.ListType, inspect.VarTupleType, inspect.SetType, inspect.FrozenSetType)):
            found += alternatives(kind.item_type)
        elif isinstance(kind, inspect.TupleType):
            found += (one for item in kind.item_types for one in alternatives(item))
    return tuple(found)


def _has_number(kinds: Kinds) -> bool:
    return any(isinstance(_bare(kind), (inspect.IntType, inspect.FloatType, inspect.DecimalType)) for kind in kinds)


def card_in_row(row: Any, kind: Any) -> str | None:
    """The path of the first text with a card's number in a decoded row of a file that is no identifier."""
    kinds = kinds_of(kind)
    for member in member_texts(row, kinds):
        if not member.identifier and next(find_cards(member.text), None) is not None:
            return member.path
    return None
