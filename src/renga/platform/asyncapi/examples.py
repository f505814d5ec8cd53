"""Example events: values from the examples in annotations, else made up from the type."""

from typing import Any

import msgspec
from msgspec import inspect

from renga.kernel.clock import rfc3339
from renga.kernel.events import Event
from renga.kernel.facts import Fact

_TIME_MS = 1_767_225_600_000
_TEXT = "text"
#: Examples by class of ``msgspec.inspect``; numbers, strings and collections are made below.
_PLAIN: dict[type[inspect.Type], Any] = {
    inspect.AnyType: _TEXT,
    inspect.NoneType: None,
    inspect.BoolType: True,
    inspect.BytesType: "dGV4dA==",
    inspect.DateTimeType: rfc3339(_TIME_MS),
    inspect.DateType: "2026-01-01",
    inspect.TimeType: "00:00:00",
    inspect.TimeDeltaType: "PT1S",
    inspect.UUIDType: "01990000-0000-7000-8000-000000000000",
    inspect.DecimalType: "1.00",
}


def event_of(fact: type[Fact], source: str) -> Event:
    """An example event of this fact type; its subject is the fact's first member, the id of the changed object."""
    data = example_of(fact)
    subject = str(next(iter(data.values()), _TEXT))
    sequence = data.get("version", 1)
    return Event(
        id=f"{subject}:{sequence}:{fact.__name__}",
        source=source,
        type=fact.TYPE,
        subject=subject,
        time=rfc3339(_TIME_MS),
        data=data,
        sequence=sequence if isinstance(sequence, int) else 1,
    )


def example_of(kind: Any) -> Any:
    """A value of this type, in JSON's types."""
    return _example(inspect.type_info(kind), ())


#: The structs around the value, to end the recursion of a struct that contains itself.
_Within = tuple[type, ...]


def _example(info: inspect.Type, within: _Within) -> Any:
    if isinstance(info, inspect.Metadata):
        given = (info.extra_json_schema or {}).get("examples")
        return given[0] if given else _example(info.type, within)
    if isinstance(info, inspect.StructType):
        members = {field.encode_name: _example(field.type, (*within, info.cls)) for field in info.fields}
        tag = {} if info.tag_field is None else {info.tag_field: info.tag}
        return tag | members
    if isinstance(info, inspect.UnionType):
        best = [one for one in info.types if not isinstance(one, inspect.NoneType) and not _held(one, within)]
        return _example(best[0], within) if best else None
    if isinstance(info, inspect.LiteralType):
        return info.values[0]
    if isinstance(info, inspect.EnumType):
        return msgspec.to_builtins(next(iter(info.cls)))
    return _collection(info, within)


def _held(info: inspect.Type, within: _Within) -> bool:
    return isinstance(info, inspect.StructType) and info.cls in within


def _collection(info: inspect.Type, within: _Within) -> Any:
    if isinstance(info, inspect.ListType | inspect.VarTupleType | inspect.SetType | inspect.FrozenSetType):
        if _held(info.item_type, within):
            return []
        return [_example(info.item_type, within)] * max(info.min_length or 0, 1)
    if isinstance(info, inspect.DictType):
        if _held(info.value_type, within):
            return {}
        return {str(_example(info.key_type, within)): _example(info.value_type, within)}
    return _scalar(info)


def _scalar(info: inspect.Type) -> Any:
    if isinstance(info, inspect.StrType):
        text = _TEXT.ljust(info.min_length or 0, ".")
        return text if info.max_length is None else text[: info.max_length]
    if isinstance(info, inspect.IntType):
        return _number(info, 1)
    if isinstance(info, inspect.FloatType):
        return float(_number(info, 0.5))
    if type(info) not in _PLAIN:
        raise ValueError(f"a fact may not have a member of {type(info).__name__}: nobody knows how JSON has it")
    return _PLAIN[type(info)]


def _number(info: inspect.IntType | inspect.FloatType, step: float) -> float:
    """The smallest positive number within the bounds, else the largest number within them."""
    least = info.ge if info.ge is not None else info.gt + step if info.gt is not None else None
    most = info.le if info.le is not None else info.lt - step if info.lt is not None else None
    number: float = step if least is None else max(step, least)
    return number if most is None else min(number, most)
