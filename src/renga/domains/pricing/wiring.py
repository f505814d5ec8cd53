"""The declaration of pricing; its other files are imported when needed."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renga.domains.pricing.contract.events import EVENTS
from renga.domains.pricing.settings import PricingSettings
from renga.platform.modules.module import Module
from renga.platform.modules.opening import Contracts, Opened, Opening
from renga.platform.postgres.revisions import Migrations
from renga.platform.ratelimit.rates import RateClass

if TYPE_CHECKING:
    import typer

    from renga.platform.http.face import Face, HttpContext
    from renga.platform.modules.command_line import CommandLine

#: Where the demo's identity leaves the id of the demo merchant.
DEMO_MERCHANT = "merchant"


def _open(opening: Opening) -> AbstractAsyncContextManager[Opened]:
    from renga.domains.pricing.opening import open_pricing

    return open_pricing(opening)


def _worker(opening: Opening) -> AbstractAsyncContextManager[Opened]:
    from renga.domains.pricing.working import open_pricing_worker

    return open_pricing_worker(opening)


def _http(own: Any, contracts: Contracts, context: "HttpContext") -> "Face":
    from renga.domains.pricing.face import face_of

    return face_of(contracts["pricing"])


def _commands(app: "typer.Typer", line: "CommandLine") -> None:
    from renga.domains.pricing.commands import add_commands

    add_commands(app, line)


async def _seed(pricing: Any, demo: dict[str, str]) -> None:
    await pricing.seed_demo(demo.get(DEMO_MERCHANT))


MODULE = Module(
    name="pricing",
    needs=("catalog", "cart"),
    uses=("identity", "inventory"),
    settings={"pricing": PricingSettings},
    migrations=Migrations("pricing", Path(__file__).parent / "stores" / "migrations" / "versions"),
    events=EVENTS,
    scopes={
        "promotions:write": "manage the promotions and coupon codes of your merchants",
        "promotions:manage": "manage every promotion, the shop's own included",
        "pricing:manage": "manage the shop's tax tables and the rules of quotes",
    },
    grants={
        "merchant": frozenset({"promotions:write"}),
        "admin": frozenset({"promotions:write", "promotions:manage", "pricing:manage"}),
        "service": frozenset({"promotions:write", "promotions:manage", "pricing:manage"}),
    },
    member_grants={role: frozenset({"promotions:write"}) for role in ("owner", "manager")},
    rate_classes=(
        RateClass(name="estimate", what="estimates of carts", per_minute=600, burst=120),
        RateClass(name="dry_run", what="dry runs and batches of coupon codes", per_minute=12, burst=6),
    ),
    open=_open,
    worker=_worker,
    http=_http,
    commands=_commands,
    seed=_seed,
)
