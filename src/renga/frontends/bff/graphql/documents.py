"""Parsed queries of this process: parsed, validated and measured once, in a bounded cache."""

import hashlib
from collections import OrderedDict

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.specified_rules import recommended_rules

from renga.frontends.bff.graphql.errors import OperationUnknown, OperationUnsupported, QuerySyntax
from renga.frontends.bff.graphql.fields import access_of, needs_of
from renga.frontends.bff.graphql.limits import Measured, check_fields, check_text
from renga.frontends.bff.graphql.plan import Plans
from renga.frontends.bff.graphql.settings import GraphQLSettings
from renga.kernel.errors import RengaError
from renga.platform.auth.access import PUBLIC, Access

#: Most problems reported for one query.
PROBLEMS_MAX = 20
#: Characters of all cached queries together; parsed, they take about thirty times as much memory.
CHARACTERS_MAX = 2_000_000
_RULES = (*specified_rules, *recommended_rules)


class QueryOperation:
    """One operation of a document, ready to execute. ``accesses`` are the non-public accesses of its fields."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode, limits: GraphQLSettings
    ) -> None:
        self.document = document
        self.node = node
        self.name = node.name.value if node.name else None
        self.measured = Measured(schema, document, node, limits)
        used = list(self.measured.fields)
        self.needs = tuple(sorted({need for field in used for need in needs_of(field)}))
        demanded = {access for field in used if (access := access_of(field)) not in (None, PUBLIC)}
        self.accesses: tuple[Access, ...] = tuple(access for access in demanded if access is not None)
        self.plans = Plans(schema, document, node, can=not self.measured.introspects)

    @property
    def is_public(self) -> bool:
        """Are all its fields public?"""
        return not self.accesses


class ParsedQuery:
    """A parsed query. If ``problems`` is not empty the query is invalid and nothing else may be used."""

    def __init__(self, schema: GraphQLSchema, text: str, limits: GraphQLSettings) -> None:
        self.digest = sha256(text)
        self.problems: list[GraphQLError | RengaError] = []
        self._schema, self._limits = schema, limits
        self._nodes: dict[str | None, OperationDefinitionNode] = {}
        self._operations: dict[str | None, QueryOperation] = {}
        self._read(text)

    def _read(self, text: str) -> None:
        try:
            check_text(text, self._limits)
            self._document = parse(text, max_tokens=self._limits.tokens_max)
            check_fields(self._document, self._limits)
        except RengaError as error:
            self.problems = [error]
            return
        except RecursionError:
            self.problems = [QuerySyntax("the query is nested too deeply to be read")]
            return
        except GraphQLError as error:
            self.problems = [error]
            return
        self.problems = list(validate(self._schema, self._document, _RULES, max_errors=PROBLEMS_MAX))
        for node in self._document.definitions:
            if isinstance(node, OperationDefinitionNode):
                self._nodes[node.name.value if node.name else None] = node

    def operation(self, name: str | None) -> QueryOperation:
        """Raises OperationUnknown, OperationUnsupported, QueryLimit."""
        if name is None and len(self._nodes) == 1:
            name = next(iter(self._nodes))
        found = self._operations.get(name)
        if found is not None:
            return found
        node = self._nodes.get(name)
        if node is None:
            raise OperationUnknown(f"there is no operation {name!r}" if name else "")
        if node.operation is not OperationType.QUERY:
            raise OperationUnsupported(f"a {node.operation.value} cannot be asked here")
        found = self._operations[name] = QueryOperation(self._schema, self._document, node, self._limits)
        return found

    def kind_of(self, name: str | None) -> OperationType | None:
        """Query or mutation; None for an unknown operation."""
        if name is None and len(self._nodes) == 1:
            return next(iter(self._nodes.values())).operation
        node = self._nodes.get(name)
        return None if node is None else node.operation


class Documents:
    """LRU cache of queries by text: at most ``documents_max``, and CHARACTERS_MAX characters together."""

    def __init__(self, schema: GraphQLSchema, limits: GraphQLSettings) -> None:
        self.schema = schema
        self._limits = limits
        self._known: OrderedDict[str, ParsedQuery] = OrderedDict()
        self._characters = 0

    def get(self, text: str) -> ParsedQuery:
        """The query, parsed now or cached; one that is too long is not cached."""
        found = self._known.get(text)
        if found is not None:
            self._known.move_to_end(text)
            return found
        found = ParsedQuery(self.schema, text, self._limits)
        if len(text) <= self._limits.characters_max:
            self._known[text] = found
            self._characters += len(text)
            while len(self._known) > self._limits.documents_max or self._characters > CHARACTERS_MAX:
                forgotten, _ = self._known.popitem(last=False)
                self._characters -= len(forgotten)
        return found


def sha256(text: str) -> str:
    """The hash of a query in hex, as clients send it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
