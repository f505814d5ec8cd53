"""``renga contracts``: the generated documents of the interfaces."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
from joserfc.jwk import KeySet
from litestar import Litestar

from renga.apps.app import make_api, openapi_document
from renga.domains.identity.permissions import Entry, entries_of, permissions_markdown
from renga.frontends.bff.graphql import mount as graphql_mount
from renga.frontends.bff.graphql.schema import accesses
from renga.frontends.bff.graphql.sdl import breaking_changes, sdl
from renga.kernel.clock import SystemClock
from renga.kernel.errors import Invalid
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
    title = "Clients of the released schema would break"


def generate(folder: Path, *, check: bool, breaking: bool = False) -> None:
    """Write or check what is generated from the application: its OpenAPI document, the graph's schema, the table of who may
    do what. Raises ContractsStale, and ContractBroken unless ``breaking`` says that this is meant."""
    app, operations = _described()
    document = msgspec.json.encode(openapi_document(app, operations), order="deterministic")
    made = {
        folder / "openapi.json": msgspec.json.format(document) + b"\n",
        folder.parent / "docs" / "guides" / "permissions.md": permissions_markdown(
            [*entries_of(app, operations), *_graph_entries()]
        ).encode(),
        folder / "schema.graphql": sdl().encode(),
    }
    released = folder / "released" / "schema.graphql"
    broken = breaking_changes(released.read_text("utf-8")) if released.is_file() else []
    if broken and not breaking:
        raise ContractBroken(f"against {released}: {'; '.join(broken)}. If this is meant: `make contracts BREAKING=1`")
    if not check and (breaking or not released.is_file()):
        made[released] = made[folder / "schema.graphql"]
    for path, body in made.items():
        if check:
            if not path.is_file() or path.read_bytes() != body:
                raise ContractsStale(f"{path} is stale; run `make contracts` and commit it")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)


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
