"""Opens payments: connects its adapters to its ports."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from renga.domains.identity.contract import IdentityContracts
from renga.domains.payments.contract.payments import INSTALMENTS_MAX
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.finance.jobs import finance_jobs
from renga.domains.payments.finance.opening import finance_dependencies
from renga.domains.payments.jobs import jobs
from renga.domains.payments.ledger.jobs import ledger_jobs
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.offering import instalment_plans
from renga.domains.payments.ports.provider import MethodCapabilities, PaymentProvider
from renga.domains.payments.providers.pix.opening import open_pix
from renga.domains.payments.providers.ruled_risk import RuledRisk
from renga.domains.payments.providers.simulated.opening import open_simulated
from renga.domains.payments.providers.stripe.opening import open_stripe
from renga.domains.payments.reactions import erasure_consumer
from renga.domains.payments.risk.settings import RiskSettings
from renga.domains.payments.settings import PaymentSettings
from renga.domains.payments.stores.ledger_checkpoints import PostgresLedgerCheckpoints
from renga.domains.payments.stores.ledger_reading import PostgresLedger
from renga.domains.payments.stores.postgres import PostgresPayments
from renga.domains.payments.stores.wallets import PostgresWallets
from renga.domains.payments.stores.webhooks import PostgresWebhooks
from renga.domains.payments.stores.work import PostgresPaymentWork
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.kernel.money import Money
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.modules.opening import Opened, Opening
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.postgres import calls
from renga.platform.settings import SettingsInvalid


def open_providers(
    settings: PaymentSettings, *, clock: Clock, public_url: str, secret: bytes = b""
) -> tuple[PaymentProvider, ...]:
    """The providers that the settings name, in their order; without any, no method is offered. Raises SettingsInvalid."""
    openers: dict[str, Callable[[], PaymentProvider]] = {
        "simulated": lambda: open_simulated(settings, secret, partial(total_of, settings)),
        "stripe": lambda: open_stripe(settings, clock),
        "pix": lambda: open_pix(settings, clock),
    }
    names = settings.provider_names()
    if len(set(names)) < len(names):
        raise SettingsInvalid(f"payments.providers names a provider twice: {settings.providers}")
    if unknown := [name for name in names if name not in openers]:
        known = ", ".join(sorted(openers))
        raise SettingsInvalid(f"payments.providers: there is no provider {unknown[0]!r}; there are {known}")
    providers = tuple(openers[name]() for name in names)
    _check_captures(settings, providers)
    return providers


def _check_captures(settings: PaymentSettings, providers: Sequence[PaymentProvider]) -> None:
    """Money per parcel needs a provider that captures an authorisation in several parts. Raises SettingsInvalid."""
    for method, moment in settings.capture_moments().items():
        provider = next((one for one in providers if method in one.capabilities.methods), None)
        if moment == "shipment" and provider is not None and provider.capabilities.methods[method].captures != "many":
            raise SettingsInvalid(
                f"payments.captures: {method}=shipment needs a provider that captures an authorisation several times, "
                f"and {provider.name} does not; choose placement or manual"
            )


def total_of(settings: PaymentSettings, amount: Money, count: int) -> int:
    """What a buyer pays for an amount in so many instalments."""
    plans = instalment_plans(settings, MethodCapabilities(instalments_max=INSTALMENTS_MAX), amount)
    return next((plan.total.amount for plan in plans if plan.count == count), amount.amount)


def payment_dependencies(
    pool: calls.Pool,
    settings: PaymentSettings,
    providers: Sequence[PaymentProvider],
    *,
    clock: Clock,
    new_id: IdSource,
    secret: bytes,
    public_url: str,
    risk: RiskSettings | None = None,
    identity: IdentityContracts | None = None,
) -> PaymentDependencies:
    """On a pool whose database has the migrations. Without identity nobody works for a merchant or a provider."""
    risk = risk or RiskSettings()
    by_name: Mapping[str, PaymentProvider] = {one.name: one for one in providers}
    return PaymentDependencies(
        store=PostgresPayments(pool, secret, clock),
        wallets=PostgresWallets(pool, secret),
        webhooks=PostgresWebhooks(pool),
        risk=RuledRisk(risk),
        velocity=risk.velocity(),
        work=PostgresPaymentWork(pool),
        ledger=PostgresLedger(pool),
        checkpoints=PostgresLedgerCheckpoints(pool),
        finance=finance_dependencies(
            pool, settings, by_name, identity=identity, clock=clock, new_id=new_id, secret=secret
        ),
        providers=by_name,
        settings=settings,
        clock=clock,
        new_id=new_id,
        secret=secret,
        public_url=public_url,
    )


@asynccontextmanager
async def open_dependencies(opening: Opening) -> AsyncIterator[PaymentDependencies]:
    """On the process's database, with the providers of the settings."""
    resources, settings = opening.resources, opening.settings[PaymentSettings]
    providers = open_providers(
        settings, clock=resources.clock, public_url=resources.public_url, secret=resources.secret
    )
    try:
        yield payment_dependencies(
            resources.database, settings, providers, clock=resources.clock, new_id=resources.new_id,
            secret=resources.secret, public_url=resources.public_url, risk=opening.settings[RiskSettings],
            identity=opening.contracts.get("identity"),
        )  # fmt: skip
    finally:
        for provider in providers:
            await provider.close()


@asynccontextmanager
async def open_payments(opening: Opening) -> AsyncIterator[Opened]:
    """Payments on the process's database."""
    resources = opening.resources
    outbox = PostgresOutbox(resources.database, "payments")
    answers = IdempotentAnswers("payments", resources.secret)

    async def sweep() -> int:
        async with calls.transaction(resources.database) as connection:
            return await answers.sweep(connection, resources.clock.now_ms())

    async with open_dependencies(opening) as dependencies:
        yield Opened(
            contract=LocalPayments(dependencies),
            outboxes={outbox.name: outbox},
            jobs=lambda held: [
                *jobs(dependencies, sweep),
                *ledger_jobs(dependencies.checkpoints),
                *finance_jobs(dependencies.finance),
            ],
            consumers=[erasure_consumer(dependencies)],
        )
