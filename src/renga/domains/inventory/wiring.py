"""The declaration of the inventory; its other files are imported when needed."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renga.domains.inventory.contract.events import EVENTS
from renga.platform.modules.module import Module
from renga.platform.modules.opening import Contracts, Opened, Opening
from renga.platform.postgres.revisions import Migrations

if TYPE_CHECKING:
    import typer

    from renga.platform.http.face import Face, HttpContext
    from renga.platform.modules.command_line import CommandLine


def _open(opening: Opening) -> AbstractAsyncContextManager[Opened]:
    from renga.domains.inventory.opening import open_inventory

    return open_inventory(opening)


def _http(own: Any, contracts: Contracts, context: "HttpContext") -> "Face":
    from renga.domains.inventory.face import face_of

    return face_of(contracts["inventory"])


def _commands(app: "typer.Typer", line: "CommandLine") -> None:
    from renga.domains.inventory.commands import add_commands

    add_commands(app, line)


async def _seed(stock: Any, demo: dict[str, str]) -> None:
    await stock.seed_demo()


MODULE = Module(
    name="inventory",
    needs=("catalog",),
    migrations=Migrations("inventory", Path(__file__).parent / "stores" / "migrations" / "versions"),
    events=EVENTS,
    scopes={
        "inventory:write": "keep the stock of your merchants",
        "inventory:manage": "keep every merchant's stock and the shop's locations",
        "inventory:reserve": "reserve stock and commit reservations",
    },
    grants={
        "merchant": frozenset({"inventory:write"}),
        "admin": frozenset({"inventory:write", "inventory:manage"}),
        "service": frozenset({"inventory:write", "inventory:manage", "inventory:reserve"}),
    },
    member_grants={role: frozenset({"inventory:write"}) for role in ("owner", "manager", "clerk")},
    open=_open,
    http=_http,
    commands=_commands,
    seed=_seed,
)
