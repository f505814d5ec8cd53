"""Opens payments: connects its adapters to its ports."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.jobs import jobs
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.ports.provider import PaymentProvider
from renga.domains.payments.providers.ruled_risk import RuledRisk
from renga.domains.payments.reactions import erasure_consumer
from renga.domains.payments.risk.settings import RiskSettings
from renga.domains.payments.settings import PaymentSettings
from renga.domains.payments.stores.postgres import PostgresPayments
from renga.domains.payments.stores.wallets import PostgresWallets
from renga.domains.payments.stores.webhooks import PostgresWebhooks
from renga.domains.payments.stores.work import PostgresPaymentWork
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.modules.opening import Opened, Opening
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.postgres import calls


def open_providers(settings: PaymentSettings, *, clock: Clock, public_url: str) -> tuple[PaymentProvider, ...]:
    """The providers that the settings name, in their order. None are configured: no method is offered."""
    return ()


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
) -> PaymentDependencies:
    """On a pool whose database has the migrations."""
    risk = risk or RiskSettings()
    by_name: Mapping[str, PaymentProvider] = {one.name: one for one in providers}
    return PaymentDependencies(
        store=PostgresPayments(pool, secret, clock),
        wallets=PostgresWallets(pool, secret),
        webhooks=PostgresWebhooks(pool),
        risk=RuledRisk(risk),
        velocity=risk.velocity(),
        work=PostgresPaymentWork(pool),
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
    providers = open_providers(settings, clock=resources.clock, public_url=resources.public_url)
    try:
        yield payment_dependencies(
            resources.database, settings, providers, clock=resources.clock, new_id=resources.new_id,
            secret=resources.secret, public_url=resources.public_url, risk=opening.settings[RiskSettings],
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
            consumers=[erasure_consumer(dependencies)],
            jobs=lambda held: jobs(dependencies, sweep),
        )
