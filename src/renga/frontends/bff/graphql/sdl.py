"""The schema as SDL, and breaking changes between two versions."""

from graphql import build_schema
from graphql.utilities import find_breaking_changes

from renga.frontends.bff.graphql.schema import strawberry_schema


def sdl() -> str:
    """The whole schema as SDL; deterministic."""
    return strawberry_schema().as_str() + "\n"


def breaking_changes(released: str) -> list[str]:
    """Changes from the released schema that break clients, one sentence each."""
    return [change.description for change in find_breaking_changes(build_schema(released), build_schema(sdl()))]
