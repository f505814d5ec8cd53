"""Event handlers of pricing: redemptions forget an erased person."""

from collections.abc import Sequence

from renga.domains.identity.contract.events import AccountErased
from renga.domains.pricing.dependencies import RedemptionDependencies
from renga.domains.pricing.erase_customer import erase_customer
from renga.platform.bus.port import Consumer
from renga.platform.bus.subscribing import Heard, subscribe

#: Persons per call of the handler, which must end within its deadline.
ERASURE_BATCH_MAX = 10


def erasure_consumer(dependencies: RedemptionDependencies) -> Consumer:
    """The event may come twice."""

    async def erase(news: Sequence[Heard[AccountErased]]) -> None:
        for heard in news:
            await erase_customer(dependencies, heard.fact.account_id)

    return subscribe(AccountErased, erase, name="pricing.erasures", batch_max=ERASURE_BATCH_MAX)
