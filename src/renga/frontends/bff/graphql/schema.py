"""The schema, built once: Strawberry's for what is declared, graphql-core's for what is executed."""

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
    """Raises SettingsInvalid for a field that does not say who may read it."""
    schema = strawberry.Schema(query=Query, config=StrawberryConfig(scalar_map=SCALARS))
    for path, field in fields_of(schema._schema):
        if access_of(field) is None:
            raise SettingsInvalid(f"the field {path} does not declare its access")
    return schema


def core_schema() -> GraphQLSchema:
    """The same as graphql-core executes it."""
    return strawberry_schema()._schema


def fields_of(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField]]:
    """Every field of every object type of ours: ``Product.title`` and what stands behind it."""
    for name, kind in sorted(schema.type_map.items()):
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field


def accesses() -> list[tuple[str, Access]]:
    """Who may read each field, for the permission table."""
    found = []
    for path, field in fields_of(core_schema()):
        access = access_of(field)
        assert access is not None  # the schema was not built otherwise
        found.append((path, access))
    return found
