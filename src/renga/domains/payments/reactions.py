"""Event handlers of payments: an erased person is forgotten."""

from collections.abc import Sequence

from renga.domains.identity.contract.events import AccountErased
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.erase_customer import erase_customer
from renga.platform.bus.port import Consumer
from renga.platform.bus.subscribing import Heard, subscribe

#: Persons per call of the handler, which must end within its deadline.
ERASURE_BATCH_MAX = 10


def erasure_consumer(dependencies: PaymentDependencies) -> Consumer:
    """The event may come twice."""

    async def erase(news: Sequence[Heard[AccountErased]]) -> None:
        for heard in news:
            await erase_customer(dependencies, heard.fact.account_id)

    return subscribe(AccountErased, erase, name="payments.erasures", batch_max=ERASURE_BATCH_MAX)
