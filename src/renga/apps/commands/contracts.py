"""``renga contracts``: the generated documents of the interfaces."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from joserfc.jwk import KeySet

from renga.apps.app import Application, asyncapi_document, make_api
from renga.apps.modules import DECLARED, MODULES
from renga.apps.permissions_page import entries_of, permissions_markdown
from renga.frontends.bff.graphql import sdl as graphql_sdl
from renga.kernel.clock import SystemClock
from renga.kernel.errors import Invalid
from renga.platform.asyncapi import breaking as asyncapi_breaking
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.gate import Gate
from renga.platform.modules.choosing import declared_by
from renga.platform.modules.module import Module
from renga.platform.modules.opening import Opened


class ContractsStale(Invalid):
    code = "contracts_stale"
    title = "A generated file is stale"


class ContractBroken(Invalid):
    code = "contract_broken"
    title = "Clients or listeners of what was released would break"


def generate(folder: Path, *, check: bool, breaking: bool = False) -> None:
    """Write or check the generated documents: OpenAPI, the GraphQL schema, AsyncAPI and the permission table.

    Raises ContractsStale, and ContractBroken unless ``breaking`` allows it.
    """
    api = described()
    made = {
        folder / "openapi.json": _formatted(api.document()),
        folder.parent / "docs" / "guides" / "permissions.md": permissions_markdown(entries_of(api), DECLARED).encode(),
        folder / "schema.graphql": graphql_sdl.sdl().encode(),
        folder / "asyncapi.json": _formatted(asyncapi_document()),
    }
    broken = _broken(folder / "released", made)
    if broken and not breaking:
        raise ContractBroken(
            "\n  ".join(("clients or listeners would break:", *broken, "If this is meant: `make contracts BREAKING=1`"))
        )
    for name in _COMPARED:
        released = folder / "released" / name
        if not check and (breaking or not released.is_file()):
            made[released] = made[folder / name]
    for path, body in made.items():
        if check:
            if not path.is_file() or path.read_bytes() != body:
                raise ContractsStale(f"{path} is stale; run `make contracts` and commit it")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)


def _formatted(document: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document, order="deterministic"), indent=1) + b"\n"


def _graph_breaks(released: bytes, ours: bytes) -> list[str]:
    return graphql_sdl.breaking_changes(released.decode())


def _event_breaks(released: bytes, ours: bytes) -> list[str]:
    return asyncapi_breaking.breaking_changes(msgspec.json.decode(released), msgspec.json.decode(ours))


#: Documents with a released copy, and the functions that list the breaking changes against that copy.
_COMPARED: dict[str, Callable[[bytes, bytes], list[str]]] = {
    "schema.graphql": _graph_breaks,
    "asyncapi.json": _event_breaks,
}


def _broken(folder: Path, made: Mapping[Path, bytes]) -> list[str]:
    """One line for each breaking change of a released document."""
    return [
        f"{folder / name}: {line}"
        for name, breaks in _COMPARED.items()
        if (folder / name).is_file()
        for line in breaks((folder / name).read_bytes(), made[folder.parent / name])
    ]


class PlaceholderContract:
    """A placeholder for a contract that is described and never called: attributes and results are placeholders too, all empty."""

    def __getattr__(self, name: str) -> "PlaceholderContract":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **named: Any) -> "PlaceholderContract":
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())


def described(modules: Sequence[Module] = MODULES) -> Application:
    """The application of these modules over placeholder contracts, only to be described."""
    nobody: Any = PlaceholderContract()
    verifier = TokenVerifier(KeySet([]), issuer="renga", clock=SystemClock())
    classes = declared_by(modules).rate_classes
    return make_api(
        {module.name: Opened(contract=nobody) for module in modules},
        gate=Gate(Authenticator(verifier), rate_classes=classes),
        sessions=nobody,
        library=nobody,
        modules=modules,
    )
