"""The steps of plans: closures that resolve a field, complete its value and write objects and lists."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from graphql import GraphQLEnumType

from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.product_memory import PlanInfo, ProductMemory, Selected
from renga.frontends.bff.graphql.sources import ReaderTerms


class Unplanned(Exception):
    """The plan cannot produce graphql-core's answer: fall back to graphql-core."""


class Run:
    """The state of one execution. ``arguments`` by the field's number in the plan."""

    __slots__ = ("arguments", "info", "memory", "selected")

    def __init__(self, context: Context, arguments: list[dict[str, Any]], memory: ProductMemory) -> None:
        self.info = PlanInfo(context)
        self.arguments = arguments
        self.memory = memory
        self.selected: dict[int, tuple[ReaderTerms, Selected | None]] = {}


#: Computes a value of the answer from its source; returns an awaitable if the step's ``is_async`` is true.
Get = Callable[[Any, Run], Any]
Complete = Callable[[Any, Run], Any]


class PlanStep(msgspec.Struct, frozen=True):
    key: str
    get: Get
    is_async: bool


def caller(resolver: Callable[..., Any], number: int, *, root: bool, info: bool, arguments: bool) -> Get:
    if root and not info and not arguments:
        return lambda source, run: resolver(source)
    if root and info and not arguments:
        return lambda source, run: resolver(source, run.info)
    if root and info:
        return lambda source, run: resolver(source, run.info, **run.arguments[number])
    if root:
        return lambda source, run: resolver(source, **run.arguments[number])
    return lambda source, run: resolver(run.info, **run.arguments[number])


def write_object(steps: list[PlanStep]) -> Complete:
    pairs = [(step.key, step.get) for step in steps]

    def write(source: Any, run: Run) -> dict[str, Any]:
        if source is None:
            raise Unplanned
        return {key: get(source, run) for key, get in pairs}

    return write


def write_object_later(steps: list[PlanStep]) -> Complete:
    async def write(source: Any, run: Run) -> dict[str, Any]:
        if source is None:
            raise Unplanned
        out: dict[str, Any] = dict.fromkeys([step.key for step in steps])
        for step in steps:
            if not step.is_async:
                out[step.key] = step.get(source, run)
        later = [step for step in steps if step.is_async]
        if len(later) == 1:
            out[later[0].key] = await later[0].get(source, run)
        else:
            found = await asyncio.gather(*(step.get(source, run) for step in later))
            out.update(zip([step.key for step in later], found, strict=True))
        return out

    return write


def then(resolve: Get, complete: Complete) -> Get:
    return lambda source, run: complete(resolve(source, run), run)


def then_await(resolve: Get, complete: Complete) -> Get:
    """Wrapped in one coroutine, so that nothing is raised before it is awaited."""

    async def get(source: Any, run: Run) -> Any:
        return await complete(resolve(source, run), run)

    return get


def await_then(resolve: Get, complete: Complete, completes_later: bool) -> Get:
    async def get(source: Any, run: Run) -> Any:
        value = complete(await resolve(source, run), run)
        return await value if completes_later else value

    return get


def or_null(inner: Complete) -> Complete:
    return lambda value, run: None if value is None else inner(value, run)


def or_null_later(inner: Complete) -> Complete:
    async def complete(value: Any, run: Run) -> Any:
        return None if value is None else await inner(value, run)

    return complete


def complete_list(item: Complete) -> Complete:
    def complete(value: Any, run: Run) -> list[Any]:
        if value.__class__ is not list and value.__class__ is not tuple:
            raise Unplanned
        return [item(one, run) for one in value]

    return complete


def complete_list_later(item: Complete) -> Complete:
    async def complete(value: Any, run: Run) -> list[Any]:
        if value.__class__ is not list and value.__class__ is not tuple:
            raise Unplanned
        return list(await asyncio.gather(*(item(one, run) for one in value)))

    return complete


_PLAIN: dict[str, type] = {"String": str, "ID": str, "Boolean": bool, "Float": float, "Moment": str}


def leaf_of(kind: Any) -> Complete:
    """Values of exact built-in types are passed through; others are serialised by graphql-core."""
    serialize = kind.serialize
    plain = _PLAIN.get(kind.name)
    if isinstance(kind, GraphQLEnumType):
        known: dict[Any, Any] = {}

        def name(value: Any, run: Run) -> Any:
            found = known.get(value)
            if found is None:
                if value is None:
                    raise Unplanned
                found = known[value] = serialize(value)
            return found

        return name

    def leaf(value: Any, run: Run) -> Any:
        if value.__class__ is plain:
            return value
        if value is None:
            raise Unplanned
        found = serialize(value)
        if found is None:
            raise Unplanned
        return found

    return leaf
