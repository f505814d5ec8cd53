"""The OpenAPI document lists every problem that a contract says its methods raise, for each operation that calls them."""

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest

import renga.domains
from renga.apps.commands.contracts import described
from renga.kernel.errors import PreconditionFailed, RengaError
from renga.platform.http.gate import handlers_of
from renga.platform.http.problems import status_of

_RAISES = re.compile(r"Raises ([A-Z][^.]*(?:\.|$))", re.DOTALL)
_NAME = re.compile(r"\b[A-Z][A-Za-z]+\b")
API = described()
DOCUMENT = API.document()


#: What a face says in HTTP's own words (RFC 9110 §13): another version is a precondition that failed.
OVER_HTTP: dict[str, type[RengaError]] = {"VersionMismatch": PreconditionFailed}


def _errors() -> dict[str, type[RengaError]]:
    found: dict[str, type[RengaError]] = {}
    waiting: list[type[RengaError]] = [RengaError]
    for error in waiting:
        waiting += error.__subclasses__()
        found[error.__name__] = error
    return found


def _promises() -> dict[tuple[str, str], set[type[RengaError]]]:
    """By the names of a contract's protocol and its method, what it says the method raises."""
    errors = _errors()
    found: dict[tuple[str, str], set[type[RengaError]]] = {}
    for domain in pkgutil.iter_modules(renga.domains.__path__, "renga.domains."):
        contract = importlib.import_module(f"{domain.name}.contract")
        for kind in vars(contract).values():
            if not (inspect.isclass(kind) and getattr(kind, "_is_protocol", False)):
                continue
            for name, method in vars(kind).items():
                if inspect.isfunction(method) and (said := _RAISES.findall(inspect.getdoc(method) or "")):
                    words = {word for text in said for word in _NAME.findall(text)}
                    found[kind.__name__, name] = {OVER_HTTP.get(word, errors[word]) for word in words & errors.keys()}
    return found


PROMISES = _promises()


def _kinds_of_names(module: Any) -> dict[str, str]:
    """By the name of a parameter, the protocol that the module's functions say it is."""
    arguments = [node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.arg)]
    return {one.arg: one.annotation.id for one in arguments if isinstance(one.annotation, ast.Name)}


def _called(handler: Any) -> set[tuple[str, str]]:
    """Protocol and method of each call that a handler makes."""
    kinds = _kinds_of_names(inspect.getmodule(handler))
    tree = ast.parse(textwrap.dedent(inspect.getsource(handler)))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = set()
    for call in calls:
        if isinstance(call, ast.Attribute):
            whose = ast.unparse(call.value).removeprefix("self._")
            found.add((kinds.get(whose, ""), call.attr))
    return found


def _handlers() -> Iterator[tuple[str, str, Any]]:
    for operation in API.operations:
        yield operation.method, operation.path, operation.handler
    for path, method, handler in handlers_of(API.app):
        if method != "*" and path.startswith("/v1/"):
            yield method, path, handler.fn


CASES = sorted(
    (method, path, call) for method, path, handler in _handlers() for call in _called(handler) & PROMISES.keys()
)


def test_many_operations_call_methods_that_say_what_they_raise() -> None:
    assert len({(method, path) for method, path, _ in CASES}) >= 30


@pytest.mark.parametrize(
    ("method", "path", "call"), CASES, ids=[f"{method} {path}: {'.'.join(call)}" for method, path, call in CASES]
)
def test_what_a_contract_raises_is_documented(method: str, path: str, call: tuple[str, str]) -> None:
    responses = DOCUMENT["paths"][path][method.lower()]["responses"]
    assert [error.__name__ for error in PROMISES[call] if error.code not in _codes(responses, error)] == []


def _codes(responses: dict[str, Any], error: type[RengaError]) -> list[str]:
    content = responses.get(str(status_of(error)), {}).get("content", {})
    if "application/problem+json" not in content:
        return []
    _, narrowed = content["application/problem+json"]["schema"]["allOf"]
    found: list[str] = narrowed["properties"]["code"]["enum"]
    return found
