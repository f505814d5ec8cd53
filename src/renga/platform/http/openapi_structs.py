"""The schemas of structs in the OpenAPI document are msgspec's own, for it is msgspec that reads and writes them."""

from collections.abc import Iterable
from typing import Any

import msgspec
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition

from renga.platform.http.openapi_handlers import REFERENCE


class StructSchemas(OpenAPISchemaPlugin):
    """Notes each struct that a handler's signature or answers name, and refers to a component of its name."""

    def __init__(self) -> None:
        self.kinds: dict[Any, None] = {}

    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        return not field_definition.is_union and field_definition.is_subclass_of(msgspec.Struct)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Any:
        self.kinds[field_definition.annotation] = None
        return schema_creator.create_component_schema(field_definition, required=[], property_fields={})


def components_of(kinds: Iterable[Any]) -> dict[str, Any]:
    """The schema of each kind, and of each that it names."""
    _, components = msgspec.json.schema_components(kinds, ref_template=REFERENCE)
    _drop_closed_items(components)
    return components


def _drop_closed_items(node: Any) -> None:
    """With ``maxItems`` nothing follows ``prefixItems``, and not every generator reads ``items: false``."""
    if isinstance(node, dict):
        if node.get("items") is False and node.get("maxItems") == len(node.get("prefixItems", ())):
            del node["items"]
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            _drop_closed_items(one)
