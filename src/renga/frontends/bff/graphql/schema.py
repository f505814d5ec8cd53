"""The schema, built once: declared with Strawberry, executed as a graphql-core schema."""

from collections.abc import Iterator
from functools import lru_cache

import strawberry
from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from renga.frontends.bff.graphql.fields import access_of
from renga.frontends.bff.graphql.types.query import Query
from renga.frontends.bff.graphql.types.scalars import SCALARS
from renga.platform.auth.access import Access
from renga.platform.settings import SettingsInvalid


@lru_cache(maxsize=1)
def strawberry_schema() -> strawberry.Schema:
    """Raises SettingsInvalid for a field without declared access."""
    schema = strawberry.Schema(query=Query, config=StrawberryConfig(scalar_map=SCALARS))
    for path, field in fields_of(schema._schema):
        if access_of(field) is None:
            raise SettingsInvalid(f"the field {path} does not declare its access")
    return schema


def core_schema() -> GraphQLSchema:
    """The same schema for graphql-core."""
    return strawberry_schema()._schema


def fields_of(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField]]:
    """Every field of every object type by path (``Product.title``)."""
    for name, kind in sorted(schema.type_map.items()):
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field


def accesses() -> list[tuple[str, Access]]:
    """The access of each field, for the permission table."""
    found = []
    for path, field in fields_of(core_schema()):
        access = access_of(field)
        assert access is not None  # otherwise the schema would not have been built
        found.append((path, access))
    return found
