"""Schemas of structs in the OpenAPI document come from msgspec, which also reads and writes the structs."""

from collections.abc import Iterable
from typing import Any

import msgspec
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition

from renga.platform.http.openapi_handlers import REFERENCE


class StructSchemas(OpenAPISchemaPlugin):
    """Collects each struct in a handler's signature or responses, and refers to the component of its name."""

    def __init__(self) -> None:
        self.kinds: dict[Any, None] = {}

    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        return not field_definition.is_union and field_definition.is_subclass_of(msgspec.Struct)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Any:
        self.kinds[field_definition.annotation] = None
        return schema_creator.create_component_schema(field_definition, required=[], property_fields={})


def components_of(kinds: Iterable[Any]) -> dict[str, Any]:
    """The schema of each type and of the types that it refers to."""
    _, components = msgspec.json.schema_components(kinds, ref_template=REFERENCE)
    _drop_closed_items(components)
    return components


def _drop_closed_items(node: Any) -> None:
    """Remove ``items: false``, which some generators cannot read; ``maxItems`` already allows nothing after ``prefixItems``."""
    if isinstance(node, dict):
        if node.get("items") is False and node.get("maxItems") == len(node.get("prefixItems", ())):
            del node["items"]
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            _drop_closed_items(one)
