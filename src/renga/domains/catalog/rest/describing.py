"""How a handler that reads its body itself says in OpenAPI what it takes."""

from dataclasses import dataclass
from typing import Any

from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema


def takes(*types: str, example: Any = None, description: str | None = None) -> type[Operation]:
    """The class of an operation whose body is a JSON object of these types, with an example."""
    schema = Schema(type=OpenAPIType.OBJECT)
    return _takes({one: OpenAPIMediaType(schema=schema, example=example) for one in types}, description)


def takes_text(media_type: str, example: str, description: str) -> type[Operation]:
    """Of one whose body is a text."""
    schema = Schema(type=OpenAPIType.STRING)
    return _takes({media_type: OpenAPIMediaType(schema=schema, example=example)}, description)


def takes_bytes(*types: str, form: str) -> type[Operation]:
    """Of one whose body is a file, or a form with one."""
    file = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
    content = {one: OpenAPIMediaType(schema=file) for one in types}
    content[form] = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT, properties={"file": file}))
    return _takes(content, None)


def _takes(content: dict[str, OpenAPIMediaType], description: str | None) -> type[Operation]:
    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            self.request_body = RequestBody(content=content, description=description, required=True)

    return Described
