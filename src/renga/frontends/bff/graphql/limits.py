"""Limits of queries: checked on the text before parsing, and on the fields before execution."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    IntValueNode,
    Lexer,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    TokenKind,
    VariableNode,
    get_named_type,
    get_nullable_type,
)

from renga.domains.catalog.contract import PAGE_MAX
from renga.frontends.bff.graphql.errors import (
    IntrospectionOff,
    QuerySyntax,
    QueryTooLong,
    TooCostly,
    TooDeep,
    TooManyAliases,
    TooManyFields,
    TooManyTokens,
)
from renga.frontends.bff.graphql.fields import size_of
from renga.frontends.bff.graphql.settings import GraphQLSettings

#: Nested brackets: more than any query within the limits has, less than the parser's recursion limit.
NESTING_MAX = 100
#: Operations and fragments of one document: each is validated, asked for or not.
DEFINITIONS_MAX = 100
#: Fields of a document that answer under one name (those with fields of their own count three times): each may be compared with
#: each other one.
SAME_NAME_MAX = 200
_OPEN = frozenset((TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L))
_CLOSE = frozenset((TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R))

#: The fields of a connection that have ``first`` entries.
_ENTRIES = frozenset(("edges", "nodes"))

#: The cost of a field with these variables.
Cost = Callable[[Mapping[str, Any]], int]


def check_text(text: str, settings: GraphQLSettings) -> None:
    """Raises QueryTooLong, TooManyTokens, TooDeep, QuerySyntax; runs in time linear in the limits, for any text."""
    if len(text) > settings.characters_max:
        raise QueryTooLong(
            f"the query has {len(text)} characters; at most {settings.characters_max} are taken",
            limit=settings.characters_max,
            actual=len(text),
        )
    lexer, tokens, depth, deepest = Lexer(Source(text)), 0, 0, 0
    try:
        while (kind := lexer.advance().kind) is not TokenKind.EOF:
            tokens += 1
            if kind in _OPEN:
                depth += 1
                deepest = max(deepest, depth)
            elif kind in _CLOSE:
                depth -= 1
    except GraphQLSyntaxError as error:
        raise QuerySyntax(error.message) from error
    if deepest > NESTING_MAX:
        raise TooDeep(
            f"the query has {deepest} brackets within one another; at most {NESTING_MAX} are taken",
            limit=NESTING_MAX,
            actual=deepest,
        )
    if tokens > settings.tokens_max:
        raise TooManyTokens(
            f"the query has {tokens} tokens; at most {settings.tokens_max} are taken",
            limit=settings.tokens_max,
            actual=tokens,
        )


def check_fields(document: DocumentNode, settings: GraphQLSettings) -> None:
    """Raises TooManyFields. Validation compares fields with the same response name pairwise, which is quadratic."""
    if len(document.definitions) > DEFINITIONS_MAX:
        actual = len(document.definitions)
        raise TooManyFields(
            f"the query has {actual} operations and fragments; at most {DEFINITIONS_MAX} are allowed",
            limit=DEFINITIONS_MAX,
            actual=actual,
        )
    waiting: list[Any] = [one for one in document.definitions if hasattr(one, "selection_set")]
    fields, named = 0, Counter[str]()
    while waiting:
        selections = getattr(waiting.pop(), "selection_set", None)
        for node in selections.selections if selections is not None else ():
            if isinstance(node, FieldNode):
                fields += 1
                named[node.alias.value if node.alias else node.name.value] += 1 if node.selection_set is None else 3
            waiting.append(node)
    if fields > settings.fields_max:
        raise TooManyFields(
            f"the query names {fields} fields; at most {settings.fields_max} are taken",
            limit=settings.fields_max,
            actual=fields,
        )
    name, often = max(named.items(), key=itemgetter(1), default=("", 0))
    if often > SAME_NAME_MAX:
        raise TooManyFields(
            f"too many fields answer as {name[:60]!r}: at most {SAME_NAME_MAX}, or {SAME_NAME_MAX // 3} with fields of their own",
            limit=SAME_NAME_MAX,
            actual=often,
        )


class Measured:
    """An operation's depth and aliases, counted once, and its cost, counted per set of variables.

    Only for valid documents (no cyclic fragments).
    """

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, limits: GraphQLSettings
    ) -> None:
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._limits = limits
        self._aliases = 0
        self._visits = 0
        self.introspects = False
        #: Every selected field of the schema.
        self.fields: list[Any] = []
        query = schema.query_type
        assert query is not None
        self.depth, self.cost = self._walk(query, operation.selection_set)
        if self.depth > limits.depth_max:
            raise TooDeep(
                f"the query is {self.depth} fields deep; at most {limits.depth_max} are taken",
                limit=limits.depth_max,
                actual=self.depth,
            )
        if self._aliases > limits.aliases_max:
            raise TooManyAliases(
                f"the query has {self._aliases} aliases; at most {limits.aliases_max} are taken",
                limit=limits.aliases_max,
                actual=self._aliases,
            )
        if self.introspects and not limits.introspection:
            raise IntrospectionOff()

    def check_cost(self, variables: Mapping[str, Any]) -> int:
        """Raises TooCostly."""
        cost = self.cost(variables)
        if cost > self._limits.cost_max:
            raise TooCostly(
                f"the answer would have up to {cost} fields; at most {self._limits.cost_max} are made",
                limit=self._limits.cost_max,
                actual=cost,
            )
        return cost

    def _walk(self, parent: Any, selections: SelectionSetNode, page: Cost | None = None) -> tuple[int, Cost]:
        """``page`` is the number of entries of the enclosing connection."""
        deepest, costs = 0, []
        for node in self._flat(selections):
            depth, cost = self._field(parent, node, page if node.name.value in _ENTRIES else None)
            deepest = max(deepest, depth)
            costs.append(cost)
        return deepest, lambda variables: sum(cost(variables) for cost in costs)

    def _flat(self, selections: SelectionSetNode) -> Iterable[FieldNode]:
        for node in selections.selections:
            self._visits += 1
            if self._visits > self._limits.tokens_max * 4:
                limit = self._limits.tokens_max * 4
                raise TooCostly("its fragments make the query too large", limit=limit, actual=self._visits)
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, FragmentSpreadNode):
                yield from self._flat(self._fragments[node.name.value].selection_set)
            else:
                yield from self._flat(node.selection_set)  # type: ignore[attr-defined]  # an inline fragment

    def _field(self, parent: Any, node: FieldNode, page: Cost | None) -> tuple[int, Cost]:
        name = node.name.value
        if node.alias is not None and node.alias.value != name:
            self._aliases += 1
        if name.startswith("__"):
            self.introspects = self.introspects or name != "__typename"
            return 1, _one
        field = parent.fields[name]
        self.fields.append(field)
        if node.selection_set is None:
            return 1, _one
        kind = get_named_type(field.type)
        assert isinstance(kind, GraphQLObjectType)
        size = _size(field, node)
        listed = isinstance(get_nullable_type(field.type), GraphQLList)
        depth, below = self._walk(kind, node.selection_set, None if listed else size)
        times = page or (size if listed else None)
        if times is None:
            return depth + 1, lambda variables: 1 + below(variables)
        return depth + 1, lambda variables: 1 + times(variables) * below(variables)


def _one(_: Mapping[str, Any]) -> int:
    return 1


def _size(field: Any, node: FieldNode) -> Cost | None:
    """The largest length of a list: its ``first``, else its assumed size."""
    assumed = size_of(field)
    argument = field.args.get("first")
    if argument is None:
        return (lambda _: assumed) if assumed else None
    default = argument.default.value if argument.default is not None else PAGE_MAX
    given = next((one.value for one in node.arguments or () if one.name.value == "first"), None)
    if isinstance(given, IntValueNode):
        literal = max(0, int(given.value))
        return lambda _: literal
    if isinstance(given, VariableNode):
        name = given.name.value

        def size(variables: Mapping[str, Any]) -> int:
            value = variables.get(name, default)
            return max(0, value) if isinstance(value, int) else PAGE_MAX

        return size
    return lambda _: default if isinstance(default, int) else PAGE_MAX
