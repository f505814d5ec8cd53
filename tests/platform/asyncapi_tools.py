"""The shop's own AsyncAPI document, and validators of it and of what it describes."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, FormatChecker

from renga.apps.app import asyncapi_document

#: AsyncAPI's own schema; whence it is: NOTICE beside it.
SCHEMA = Path(__file__).parent / "asyncapi_schema" / "asyncapi-3.0.0.json"


@cache
def document() -> dict[str, Any]:
    return dict(json.loads(json.dumps(asyncapi_document())))


@cache
def official() -> Draft7Validator:
    return Draft7Validator(json.loads(SCHEMA.read_text("utf-8")))


def errors_of_document(made: dict[str, Any]) -> list[str]:
    """What AsyncAPI's schema says against a document; ``oneOf`` is told by what its nearest choice lacks."""
    return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in official().iter_errors(made)]


def errors_of_event(event: dict[str, Any], name: str) -> list[str]:
    """What the document's own schema of a message says against an event."""
    payload = document()["components"]["messages"][name]["payload"]
    schema = {**payload, "components": document()["components"]}
    validator = Draft7Validator(schema, format_checker=FormatChecker())
    return [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(event)]
