"""Questions to providers that change nothing, with a deadline. Whatever goes wrong on the way: ProviderAway."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from renga.domains.payments.contract.errors import ProviderAway
from renga.domains.payments.contract.payments import PaymentMethod
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.means import StoredMeans, StoredOperation
from renga.domains.payments.model.records import ProviderRecord
from renga.domains.payments.ports.provider import Inquiry, Outcome, PaymentProvider

log = structlog.get_logger(__name__)
T = TypeVar("T")


async def find_outcome(
    dependencies: PaymentDependencies, means: StoredMeans, operation: StoredOperation
) -> Outcome | None:
    """What became of an operation; None: the provider has never seen it. Raises ProviderAway."""
    inquiry = Inquiry(
        key=operation.key, kind=operation.kind, method=means.method, means=means.id, ref=means.provider_ref
    )
    return await _ask(dependencies, means.provider, lambda provider: provider.find(inquiry))


async def read_record(
    dependencies: PaymentDependencies, provider: str, ref: str, method: PaymentMethod
) -> ProviderRecord | None:
    """A payment as its provider knows it; None: it does not exist there. Raises ProviderAway."""
    return await _ask(dependencies, provider, lambda one: one.read(ref, method))


async def _ask(dependencies: PaymentDependencies, name: str, question: Callable[[PaymentProvider], Awaitable[T]]) -> T:
    provider = dependencies.providers.get(name)
    if provider is None:
        raise ProviderAway(f"this process has no provider {name}")
    try:
        async with asyncio.timeout(dependencies.settings.deadline_ms / 1000):
            return await question(provider)
    except ProviderAway:
        raise
    except TimeoutError:
        raise ProviderAway(f"{name} did not answer in time") from None
    except Exception as error:
        # an adapter's fault is no answer
        log.exception("provider_question_failed", provider=name)
        raise ProviderAway(f"the adapter of {name} failed") from error
