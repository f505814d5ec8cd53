"""One operation answered: by its plan, or by graphql-core where there is none or where something went wrong."""

import inspect
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute
from prometheus_client import Counter

from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.documents import Operation
from renga.frontends.bff.graphql.errors import QueryInvalid, QuerySyntax, VariablesInvalid
from renga.frontends.bff.graphql.fields import access_of
from renga.frontends.bff.graphql.schema import fields_of
from renga.kernel.errors import RengaError
from renga.platform.auth.access import PUBLIC, Access, check

log = structlog.get_logger(__name__)

EXECUTIONS = Counter("renga_graphql_executions", "Operations answered", ("by",))
_PLANNED, _INTERPRETED = EXECUTIONS.labels("plan"), EXECUTIONS.labels("graphql-core")

_encode = msgspec.json.Encoder().encode


class Executed(msgspec.Struct, frozen=True):
    """The answer's JSON; ``is_whole`` if nothing went wrong in it, ``is_refused`` if nothing of it was executed."""

    body: bytes
    is_whole: bool
    is_refused: bool = False


def guard(schema: GraphQLSchema) -> None:
    """Make graphql-core ask who calls before a field that is not public. Done once, when the schema is built."""
    for _, field in fields_of(schema):
        access = access_of(field)
        if access is not None and access != PUBLIC and not getattr(field.resolve, "guarded", False):
            field.resolve = _guarded(field.resolve, access)


def _guarded(resolve: Any, access: Access) -> Any:
    def checked(source: Any, info: Any, **arguments: Any) -> Any:
        check(access, info.context.principal)
        return resolve(source, info, **arguments)

    checked.guarded = True  # type: ignore[attr-defined]
    return checked


async def answer(
    schema: GraphQLSchema, operation: Operation, given: Mapping[str, Any], context: Context, *, planned: bool = True
) -> Executed:
    """``given`` are the variables as they came. Raises TooCostly."""
    variables = operation.plans.variables(given)
    if isinstance(variables, list):
        return refused([_told(error, VariablesInvalid) for error in variables])
    operation.measured.check_cost(variables.coerced)
    await context.prepare(operation.needs)
    plan = operation.plans.plan(variables) if planned else None
    if plan is not None:
        try:
            data = await plan.run(context, variables)
            _PLANNED.inc()
            return Executed(_encode({"data": data}), True)
        except Exception as error:
            log.debug("graphql_plan_left", error=type(error).__name__)  # graphql-core says what it is
    _INTERPRETED.inc()
    return await interpret(schema, operation, given, context)


async def interpret(
    schema: GraphQLSchema, operation: Operation, given: Mapping[str, Any], context: Context
) -> Executed:
    """The same by graphql-core."""
    found: Any = execute(
        schema,
        operation.document,
        context_value=context,
        variable_values=dict(given),
        operation_name=operation.name,
    )
    result: ExecutionResult = await found if inspect.isawaitable(found) else found
    if not result.errors:
        return Executed(_encode({"data": result.data}), True)
    errors = [_told(error, QueryInvalid) for error in result.errors]
    if result.data is None and not any(error.path for error in result.errors):
        return refused(errors)
    return Executed(_encode({"errors": errors, "data": result.data}), False)


def refused(errors: list[dict[str, Any]]) -> Executed:
    """An answer without data."""
    return Executed(_encode({"errors": errors}), False, True)


def problems(found: list[Any]) -> Executed:
    """What is wrong with a document."""
    return refused([told(one) if isinstance(one, RengaError) else _told(one, QueryInvalid) for one in found])


def told(error: RengaError) -> dict[str, Any]:
    """An error of ours as GraphQL tells errors."""
    return {"message": error.detail, "extensions": {**error.extra, "code": error.code}}


def _told(error: GraphQLError, otherwise: type[RengaError]) -> dict[str, Any]:
    """An error of graphql-core; one that nobody foresaw is logged and not shown."""
    formatted: dict[str, Any] = dict(error.formatted)
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    if isinstance(original, RengaError):
        return formatted | told(original)
    if original is not None and not isinstance(original, GraphQLError):
        log.error("graphql_field_failed", path=error.path, exc_info=original)
        return formatted | told(RengaError("something went wrong here; our log has it"))
    is_syntax = formatted["message"].startswith("Syntax Error")
    code = QuerySyntax.code if is_syntax else otherwise.code
    return {**formatted, "extensions": {"code": code}}
