"""Executes one operation: by compiled plans, or by graphql-core alone."""

import inspect
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec
import structlog
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute
from graphql.execution.values import VariableValues
from prometheus_client import Counter

from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.documents import QueryOperation
from renga.frontends.bff.graphql.errors import QueryInvalid, QuerySyntax, VariablesInvalid
from renga.frontends.bff.graphql.fields import access_of
from renga.frontends.bff.graphql.product_memory import ProductMemory
from renga.frontends.bff.graphql.schema import fields_of
from renga.kernel.errors import RengaError
from renga.platform.auth.access import PUBLIC, Access, check

log = structlog.get_logger(__name__)

EXECUTIONS = Counter("renga_graphql_executions", "Operations answered", ("by",))
_PLANNED, _INTERPRETED = EXECUTIONS.labels("plan"), EXECUTIONS.labels("graphql-core")

_encode = msgspec.json.Encoder().encode


class Executed(msgspec.Struct, frozen=True):
    """The answer's JSON; ``is_whole``: no errors; ``is_refused``: nothing was executed."""

    body: bytes
    is_whole: bool
    is_refused: bool = False


def guard(schema: GraphQLSchema) -> None:
    """Make graphql-core check access before each non-public field. Done once, when the schema is built."""
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


class Executor(Protocol):
    """Executes an operation whose variables are valid and whose cost was checked. All executors answer byte for byte alike."""

    async def execute(
        self, operation: QueryOperation, given: Mapping[str, Any], variables: VariableValues, context: Context
    ) -> Executed:
        """``given`` are the raw variables, ``variables`` the coerced ones."""
        ...


class Interpreter:
    """``Executor`` with graphql-core alone."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    async def execute(
        self, operation: QueryOperation, given: Mapping[str, Any], variables: VariableValues, context: Context
    ) -> Executed:
        _INTERPRETED.inc()
        return await interpret(self._schema, operation, given, context)


class PlanExecutor:
    """``Executor`` with the operation's plan; falls back to ``otherwise`` without a plan and on errors."""

    def __init__(self, otherwise: Executor) -> None:
        self._otherwise = otherwise
        self.memory = ProductMemory()

    async def execute(
        self, operation: QueryOperation, given: Mapping[str, Any], variables: VariableValues, context: Context
    ) -> Executed:
        plan = operation.plans.plan(variables)
        if plan is not None:
            try:
                data = await plan.run(context, variables, self.memory)
                _PLANNED.inc()
                return Executed(_encode({"data": data}), True)
            except Exception as error:
                log.debug("graphql_plan_left", error=type(error).__name__)  # graphql-core reports the error
        return await self._otherwise.execute(operation, given, variables, context)


def executor(schema: GraphQLSchema, *, compiled_plans: bool) -> Executor:
    """The executor that the settings select."""
    interpreter = Interpreter(schema)
    return PlanExecutor(interpreter) if compiled_plans else interpreter


async def answer(by: Executor, operation: QueryOperation, given: Mapping[str, Any], context: Context) -> Executed:
    """``given`` are the raw variables. Raises TooCostly."""
    variables = operation.plans.variables(given)
    if isinstance(variables, list):
        return refused([_told(error, VariablesInvalid) for error in variables])
    operation.measured.check_cost(variables.coerced)
    await context.prepare(operation.needs)
    return await by.execute(operation, given, variables, context)


async def interpret(
    schema: GraphQLSchema, operation: QueryOperation, given: Mapping[str, Any], context: Context
) -> Executed:
    """The same with graphql-core."""
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
    """An answer with errors and without data."""
    return Executed(_encode({"errors": errors}), False, True)


def problems(found: list[Any]) -> Executed:
    """The problems of a document."""
    return refused([problem_of(one) if isinstance(one, RengaError) else _told(one, QueryInvalid) for one in found])


def problem_of(error: RengaError) -> dict[str, Any]:
    """A DomainError as a GraphQL error."""
    return {"message": error.detail, "extensions": {**error.extra, "code": error.code}}


def _told(error: GraphQLError, otherwise: type[RengaError]) -> dict[str, Any]:
    """An error of graphql-core; an unexpected exception is logged and hidden."""
    formatted: dict[str, Any] = dict(error.formatted)
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    if isinstance(original, RengaError):
        return formatted | problem_of(original)
    if original is not None and not isinstance(original, GraphQLError):
        log.error("graphql_field_failed", path=error.path, exc_info=original)
        return formatted | problem_of(RengaError("something went wrong here; our log has it"))
    is_syntax = formatted["message"].startswith("Syntax Error")
    code = QuerySyntax.code if is_syntax else otherwise.code
    return {**formatted, "extensions": {"code": code}}
