"""Plans: a valid query compiled once into closures that resolve it without interpretation.

Fields, fragments and directives are resolved when a plan is compiled (one plan per combination of the @skip and @include
that depend on variables), arguments coerced once per request and not once per object. The same resolvers are called as by
graphql-core. Anything but success (an error, a null in a non-null field, a value of the wrong type) raises
``Unplanned``, and graphql-core executes the query instead, so all errors come from it. Queries only read, and the
request's context memoises calls, so the second run repeats no call of a contract.
"""

import inspect
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from strawberry.types.arguments import convert_arguments

from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.fields import access_of, declaration, is_by_terms, needs_of
from renga.frontends.bff.graphql.plan_steps import (
    Complete,
    Get,
    PlanStep,
    Run,
    Unplanned,
    await_then,
    caller,
    complete_list,
    complete_list_later,
    leaf_of,
    or_null,
    or_null_later,
    then,
    then_await,
    write_object,
    write_object_later,
)
from renga.frontends.bff.graphql.product_memory import ProductMemory, Selection
from renga.platform.auth.access import PUBLIC, check

#: Most plans of one operation: two variables in @skip and @include need four.
PLANS_MAX = 16

#: The type whose selections are remembered.
PRODUCT = "Product"

#: The source of root fields, unused by their resolvers.
_ROOT = object()


class Plan:
    """The plan of one operation for one combination of directive outcomes."""

    def __init__(self, root: Complete, asked: list[tuple[Any, FieldNode, Any]], config: Any) -> None:
        self._root = root
        self._asked = asked
        self._config = config
        self._constant = [
            None if _has_variable(node) else self._arguments(field, node, None) for field, node, _ in asked
        ]

    async def run(self, context: Context, variables: VariableValues, memory: ProductMemory) -> dict[str, Any]:
        """Execute: returns the answer's data, for msgspec. Raises Unplanned, and whatever resolvers raise."""
        arguments = [
            known if known is not None else self._arguments(field, node, variables)
            for known, (field, node, _) in zip(self._constant, self._asked, strict=True)
        ]
        data = self._root(_ROOT, Run(context, arguments, memory))
        found: dict[str, Any] = await data if inspect.isawaitable(data) else data
        return found

    def _arguments(self, field: Any, node: FieldNode, variables: VariableValues | None) -> dict[str, Any]:
        if not field.args:
            return {}
        declared = declaration(field)
        assert declared is not None
        values = get_argument_values(field, node, variables)
        return convert_arguments(values, declared.arguments, self._config[0], self._config[1])


class Plans:
    """The plans of one operation, compiled on first use."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, *, can: bool
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._can = can
        self._fragments = {
            one.name.value: FragmentDetails(one)
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        self._deciding = sorted(_deciding(document))
        self._plans: OrderedDict[tuple[Any, ...], Plan | None] = OrderedDict()

    def variables(self, given: Mapping[str, Any]) -> VariableValues | list[Any]:
        """The coerced variables, or their errors."""
        declared = self._operation.variable_definitions
        if not declared:
            return VariableValues({}, {})
        return get_variable_values(self._schema, declared, dict(given), max_errors=20)

    def plan(self, variables: VariableValues) -> Plan | None:
        """The plan, or None if graphql-core must execute."""
        if not self._can:
            return None
        key = tuple(variables.coerced.get(name) for name in self._deciding)
        if key in self._plans:
            return self._plans[key]
        try:
            plan = _Compiler(self._schema, self._fragments, self._operation, variables).plan()
        except Unplanned:
            plan = None
        self._plans[key] = plan
        if len(self._plans) > PLANS_MAX:
            self._plans.popitem(last=False)
        return plan


def _deciding(document: DocumentNode) -> set[str]:
    """Names of the variables used by @skip and @include."""
    found: set[str] = set()

    class DirectiveVariables(Visitor):
        def enter_directive(self, node: Any, *_: Any) -> None:
            found.update(one.value.name.value for one in node.arguments if isinstance(one.value, VariableNode))

    visit(document, DirectiveVariables())
    return found


def _has_variable(node: FieldNode) -> bool:
    found = False

    class AnyVariable(Visitor):
        def enter_variable(self, *_: Any) -> None:
            nonlocal found
            found = True

    for argument in node.arguments or ():
        visit(argument, AnyVariable())
    return found


class _Compiler:
    """Compiles one plan. Raises Unplanned for unsupported features."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: dict[str, FragmentDetails],
        operation: OperationDefinitionNode,
        variables: VariableValues,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._operation = operation
        self._variables = variables
        self._asked: list[tuple[Any, FieldNode, Any]] = []
        #: Fields compiled so far that depend on more than their product, its terms and their arguments.
        self._dependent = 0
        self._in_product = False

    def plan(self) -> Plan:
        query = self._schema.query_type
        assert query is not None
        collected = collect_fields(self._schema, self._fragments, self._variables, query, self._operation)
        root, _ = self._object(query, collected.grouped_field_set)
        converter = self._schema._strawberry_schema.schema_converter  # type: ignore[attr-defined]  # set by Strawberry
        return Plan(root, self._asked, (converter.scalar_registry, converter.config))

    def _object(self, kind: GraphQLObjectType, groups: Any) -> tuple[Complete, bool]:
        steps = [self._step(kind, key, [detail.node for detail in details], details) for key, details in groups.items()]
        waits = any(step.is_async for step in steps)
        return (write_object_later(steps) if waits else write_object(steps)), waits

    def _step(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode], details: Any) -> PlanStep:
        node = nodes[0]
        name = node.name.value
        if name == "__typename":
            type_name = parent.name
            return PlanStep(key, lambda source, run: type_name, False)
        if name.startswith("__"):
            raise Unplanned
        field = parent.fields[name]
        complete, completes_later = self._complete(field.type, details)
        resolve, resolves_later = self._resolve(field, node)
        if resolves_later:
            return PlanStep(key, await_then(resolve, complete, completes_later), True)
        if completes_later:
            return PlanStep(key, then_await(resolve, complete), True)
        return PlanStep(key, then(resolve, complete), False)

    def _resolve(self, field: Any, node: FieldNode) -> tuple[Get, bool]:
        declared = declaration(field)
        if declared is None or declared.base_resolver is None:
            raise Unplanned
        resolver: Any = declared.base_resolver.wrapped_func
        access = access_of(field)
        if access is None:
            raise Unplanned
        getter = getattr(resolver, "getter", None)
        if getter is not None:
            return (lambda source, run: getter(source)), False
        number = len(self._asked)
        self._asked.append((field, node, None))
        names = inspect.signature(resolver).parameters
        if access != PUBLIC or needs_of(field) or ("info" in names and not is_by_terms(field)):
            self._dependent += 1
        get = caller(resolver, number, root="root" in names, info="info" in names, arguments=bool(field.args))
        if access != PUBLIC:
            demanded, inner = access, get

            def get(source: Any, run: Run) -> Any:
                check(demanded, run.info.context.principal)
                return inner(source, run)

        return get, inspect.iscoroutinefunction(resolver)

    def _complete(self, kind: Any, details: Any) -> tuple[Complete, bool]:
        if isinstance(kind, GraphQLNonNull):
            inner, later = self._value(kind.of_type, details)
            return inner, later
        inner, later = self._value(kind, details)
        return (or_null_later(inner) if later else or_null(inner)), later

    def _value(self, kind: Any, details: Any) -> tuple[Complete, bool]:
        """The step of a non-null value."""
        if isinstance(kind, GraphQLList):
            item, later = self._complete(kind.of_type, details)
            return (complete_list_later(item) if later else complete_list(item)), later
        if isinstance(kind, GraphQLObjectType):
            collected = collect_subfields(
                self._schema, self._fragments, self._variables, self._operation, kind, details, hide_suggestions=True
            )
            if kind.name == PRODUCT and not self._in_product:
                return self._product(kind, collected.grouped_field_set)
            return self._object(kind, collected.grouped_field_set)
        return leaf_of(kind), False

    def _product(self, kind: GraphQLObjectType, groups: Any) -> tuple[Complete, bool]:
        """The step of a product, remembered if all that is selected depends on the product, its terms and arguments only."""
        first, dependent, self._in_product = len(self._asked), self._dependent, True
        write, later = self._object(kind, groups)
        self._in_product = False
        if later or self._dependent > dependent:
            return write, later
        varying = (n for n in range(first, len(self._asked)) if _has_variable(self._asked[n][1]))
        return Selection(write, tuple(varying)), False
