"""The skus that a GraphQL request names: they may look like card numbers, all else in it may not."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from graphql import ArgumentNode, GraphQLError, StringValueNode, VariableNode, Visitor, parse, visit

from renga.kernel.sku import SKU_CHARACTERS_MAX
from renga.platform.json_bounds import has_too_many_containers

#: Arguments of every field that are skus.
ARGUMENTS = frozenset(("sku",))
TOKENS_MAX = 5_000


def skus_of(given: Mapping[str, Any]) -> Iterator[str]:
    """The skus in a request's query and variables (a text in the address, an object in a body)."""
    query, variables = given.get("query"), given.get("variables")
    if not isinstance(query, str):
        return
    finding = _SkuArguments()
    try:
        visit(parse(query, max_tokens=TOKENS_MAX, no_location=True), finding)
    except (GraphQLError, RecursionError):
        return
    if isinstance(variables, str):
        variables = _decoded(variables)
    values = [variables.get(name) for name in finding.variables] if isinstance(variables, Mapping) else []
    yield from (text for text in (*finding.texts, *values) if isinstance(text, str) and len(text) <= SKU_CHARACTERS_MAX)


def _decoded(text: str) -> Any:
    if has_too_many_containers(text.encode()):
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


class _SkuArguments(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.variables: list[str] = []

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        if node.name.value not in ARGUMENTS:
            return
        if isinstance(node.value, StringValueNode):
            self.texts.append(node.value.value)
        elif isinstance(node.value, VariableNode):
            self.variables.append(node.value.name.value)
