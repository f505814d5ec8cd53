"""The schema as a text for clients (SDL), and what a change of it would break for them."""

from graphql import build_schema
from graphql.utilities import find_breaking_changes

from renga.frontends.bff.graphql.schema import strawberry_schema


def sdl() -> str:
    """The whole schema. The same schema gives the same text."""
    return strawberry_schema().as_str() + "\n"


def breaking_changes(released: str) -> list[str]:
    """What a client of the released schema would miss in ours, one sentence each."""
    return [change.description for change in find_breaking_changes(build_schema(released), build_schema(sdl()))]
