"""``renga contracts``: the generated documents of the interfaces."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
from joserfc.jwk import KeySet
from litestar import Litestar

from renga.apps.app import asyncapi_document, make_api, openapi_document
from renga.domains.identity.permissions import Entry, entries_of, permissions_markdown
from renga.frontends.bff.graphql import mount as graphql_mount
from renga.frontends.bff.graphql import sdl as graphql_sdl
from renga.frontends.bff.graphql.schema import accesses
from renga.kernel.clock import SystemClock
from renga.kernel.errors import Invalid
from renga.platform.asyncapi import breaking as asyncapi_breaking
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.gate import Gate
from renga.platform.http.lean import Operation
from renga.platform.settings import PlatformSettings


class ContractsStale(Invalid):
    code = "contracts_stale"
    title = "A generated file is stale"


class ContractBroken(Invalid):
    code = "contract_broken"
    title = "Clients or listeners of what was released would break"


def generate(folder: Path, *, check: bool, breaking: bool = False) -> None:
    """Write or check what is generated from the application: its OpenAPI document, the graph's schema, the AsyncAPI document
    of its events, the table of who may do what.

    Raises ContractsStale, and ContractBroken unless ``breaking`` says that this is meant.
    """
    app, operations = _described()
    made = {
        folder / "openapi.json": _formatted(openapi_document(app, operations)),
        folder.parent / "docs" / "guides" / "permissions.md": permissions_markdown(
            [*entries_of(app, operations), *_graph_entries()]
        ).encode(),
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
    return msgspec.json.format(msgspec.json.encode(document, order="deterministic")) + b"\n"


def _graph_breaks(released: bytes, ours: bytes) -> list[str]:
    return graphql_sdl.breaking_changes(released.decode())


def _event_breaks(released: bytes, ours: bytes) -> list[str]:
    return asyncapi_breaking.breaking_changes(msgspec.json.decode(released), msgspec.json.decode(ours))


#: What has a released copy, and who says what ours would break for those who know that copy.
_COMPARED: dict[str, Callable[[bytes, bytes], list[str]]] = {
    "schema.graphql": _graph_breaks,
    "asyncapi.json": _event_breaks,
}


def _broken(folder: Path, made: Mapping[Path, bytes]) -> list[str]:
    """One line for each break of a released document."""
    return [
        f"{folder / name}: {line}"
        for name, breaks in _COMPARED.items()
        if (folder / name).is_file()
        for line in breaks((folder / name).read_bytes(), made[folder.parent / name])
    ]


def _graph_entries() -> list[Entry]:
    """The endpoint of GraphQL and each field behind it."""
    endpoint = [Entry(graphql_mount.PATH, method, graphql_mount.ACCESS) for method in ("GET", "POST")]
    return [*endpoint, *(Entry(path, "GRAPHQL", access) for path, access in accesses())]


class _Nobody:
    """Stands for a contract that is described and never asked."""

    def __getattr__(self, name: str) -> "_Nobody":
        return self

    def __call__(self, *args: Any, **named: Any) -> "_Nobody":
        return self


class _NoIdentity(_Nobody):
    """Identity without outside providers, whose addresses depend on the shop."""

    providers: Mapping[str, Any] = MappingProxyType({})
    external = None


def _described() -> tuple[Litestar, list[Operation]]:
    """The application over contracts that nobody calls."""
    nobody: Any = _Nobody()
    identity: Any = _NoIdentity()
    return make_api(
        PlatformSettings(),
        catalog=nobody,
        carts=nobody,
        gate=Gate(Authenticator(TokenVerifier(KeySet([]), issuer="renga", clock=SystemClock()))),
        checks={},
        identity=identity,
        managed=nobody,
        library=nobody,
        search=nobody,
    )
