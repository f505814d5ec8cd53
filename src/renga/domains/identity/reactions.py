"""Identity's reactions to its own events: ends sessions and tokens, retried until it succeeds; drops cached facts of buyers."""

from collections.abc import Sequence

from renga.domains.identity.accounts.ports import AccessRevoker
from renga.domains.identity.buyers.cached import CachedBuyerFacts
from renga.domains.identity.contract.events import AccountErased, AccountLocked, BuyerFactsChanged, PasswordChanged
from renga.platform.bus.port import Bus, Consumer
from renga.platform.bus.subscribing import Heard, subscribe, types_of

#: Events that change the facts of a buyer; the subject is the account.
BUYER_EVENTS = types_of(BuyerFactsChanged, AccountErased)


def revocation_consumer(revokers: Sequence[AccessRevoker]) -> Consumer:
    """Ends sessions and tokens after a changed password, an erased or a locked account."""

    async def end(news: Sequence[Heard[PasswordChanged | AccountErased | AccountLocked]]) -> None:
        for one in news:
            kept = one.fact.kept_session if isinstance(one.fact, PasswordChanged) else None
            for revoker in revokers:
                await revoker.revoke(one.fact.account_id, keep_session=kept)

    return subscribe((PasswordChanged, AccountErased, AccountLocked), end, name="identity.endings")


async def follow_buyers(bus: Bus, facts: CachedBuyerFacts) -> None:
    """Drop cached facts as they change, until cancelled. If events are missed, facts still expire (``cached.FRESH_MS``)."""
    async for event in bus.tail(BUYER_EVENTS):
        facts.drop((event.subject,))
