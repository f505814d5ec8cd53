"""Identity's module declaration. ``opening`` and ``working`` are imported only when the module is opened."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renga.domains.identity.contract.events import EVENTS
from renga.domains.identity.model.roles import PERSONAL, RIGHTS
from renga.domains.identity.settings import IdentitySettings, PasswordSettings
from renga.platform.modules.module import Module
from renga.platform.modules.opening import Contracts, Opened, Opening
from renga.platform.postgres.revisions import Migrations
from renga.platform.ratelimit.rates import RateClass

if TYPE_CHECKING:
    import typer

    from renga.platform.http.face import Face, HttpContext
    from renga.platform.modules.command_line import CommandLine


def _open(opening: Opening) -> AbstractAsyncContextManager[Opened]:
    from renga.domains.identity.opening import open_identity

    return open_identity(opening)


def _worker(opening: Opening) -> AbstractAsyncContextManager[Opened]:
    from renga.domains.identity.working import open_work

    return open_work(opening)


def _http(own: Any, contracts: Contracts, context: "HttpContext") -> "Face":
    from renga.domains.identity.face import face_of

    return face_of(own.server, contracts["identity"], context)


def _commands(app: "typer.Typer", line: "CommandLine") -> None:
    from renga.domains.identity.commands import add_commands

    add_commands(app, line)


async def _seed(identity: Any, demo: dict[str, str]) -> None:
    await identity.seed(demo)


MODULE = Module(
    name="identity",
    settings={"identity": IdentitySettings, "passwords": PasswordSettings},
    migrations=Migrations("identity", Path(__file__).parent / "stores" / "migrations" / "versions"),
    events=EVENTS,
    scopes={
        "openid": "know who you are",
        "profile": "see your name and language",
        "email": "see your e-mail address",
        "offline_access": "stay connected while you are away",
        "account": "see and change your account",
        "merchant": "manage your merchants, their members and keys",
        "identity:admin": "manage accounts, merchants, clients and keys",
        "audit:read": "read the audit trail",
        # scopes of future domains: granted already, required by no route yet
        "orders": "see your orders and place new ones",
        "consignments": "see and move the consignments given to you",
        "ledger:read": "read the ledger",
        "metrics:read": "read metrics",
    },
    grants={
        "customer": PERSONAL | {"orders"},
        "merchant": PERSONAL | {"merchant"},
        "operator": PERSONAL | {"consignments"},
        "finance": PERSONAL | {"ledger:read"},
        "processor": PERSONAL,
        "admin": PERSONAL | {"identity:admin", "audit:read", "metrics:read"},
        "service": frozenset({"ledger:read", "metrics:read"}),
    },
    member_grants={"owner": frozenset({"merchant"}), "manager": frozenset({"merchant"}), "clerk": frozenset()},
    rights={role: frozenset(rights) for role, rights in RIGHTS.items()},
    rate_classes=(
        RateClass(name="login", what="logins, recoveries, registrations", per_minute=30, burst=20, by_address=True),
        RateClass(name="token", what="token requests", per_minute=300, burst=100, by_address=True),
    ),
    open=_open,
    worker=_worker,
    http=_http,
    commands=_commands,
    seed=_seed,
)
