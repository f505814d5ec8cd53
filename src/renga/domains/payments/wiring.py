"""The declaration of payments; its other files are imported when needed."""

from collections.abc import Awaitable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renga.domains.payments.contract.events import EVENTS
from renga.domains.payments.risk.settings import RiskSettings
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.clock import Clock
from renga.platform.modules.module import Module
from renga.platform.modules.opening import Contracts, Opened, Opening
from renga.platform.postgres.revisions import Migrations
from renga.platform.ratelimit.rates import RateClass
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings

if TYPE_CHECKING:
    import typer

    from renga.platform.doctor.check import Check
    from renga.platform.http.face import Face, HttpContext
    from renga.platform.modules.command_line import CommandLine


def _open(opening: Opening) -> AbstractAsyncContextManager[Opened]:
    from renga.domains.payments.opening import open_payments

    return open_payments(opening)


def _http(own: Any, contracts: Contracts, context: "HttpContext") -> "Face":
    from renga.domains.payments.face import face_of

    return face_of(contracts["payments"])


def _doctor(settings: Sections, clock: Clock) -> "Mapping[str, Awaitable[list[Check]]]":
    from renga.domains.payments.opening import open_providers
    from renga.domains.payments.providers.doctor import check_providers

    opened = partial(open_providers, clock=clock, public_url="")
    return {"payments": check_providers(settings[PlatformSettings], settings[PaymentSettings], opened)}


def _commands(app: "typer.Typer", line: "CommandLine") -> None:
    from renga.domains.payments.commands import add_commands

    add_commands(app, line)


MODULE = Module(
    name="payments",
    uses=("identity",),
    settings={"payments": PaymentSettings, "payment_risk": RiskSettings},
    migrations=Migrations("payments", Path(__file__).parent / "stores" / "migrations" / "versions"),
    events=EVENTS,
    scopes={
        "payments:write": "make payments, capture, void and refund your own",
        "payments:read": "read every payment",
        "payments:manage": "capture, void and refund every payment; issue gift cards and store credit",
        "payments:partner": "read payments, disputes and settlements of your own payment provider",
        "payments:partners": "say which account is the partner account of a payment provider",
        "payouts:own": "see what your merchants earned and are paid out, and say where to",
        "payouts:manage": "make and follow every merchant's payouts, verify payout accounts",
    },
    grants={
        "finance": frozenset({"payments:read", "payments:manage", "payouts:manage"}),
        "processor": frozenset({"payments:partner"}),
        "admin": frozenset({"payments:read", "payments:manage", "payments:partners", "payouts:manage", "ledger:read"}),
        "merchant": frozenset({"payouts:own"}),
        "service": frozenset({"payments:write", "payments:read"}),
    },
    member_grants={role: frozenset({"payouts:own"}) for role in ("owner", "manager")},
    rate_classes=(
        RateClass(name="payments", what="payments", per_minute=60_000, burst=2_000),
        RateClass(name="webhooks", what="messages of payment providers", per_minute=60_000, burst=5_000),
    ),
    doctor=_doctor,
    open=_open,
    # the same without identity, which a worker needs for nothing: nobody calls payments there
    worker=_open,
    http=_http,
    commands=_commands,
)
