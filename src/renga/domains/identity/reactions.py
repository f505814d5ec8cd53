"""Identity's consumer of its own events: ends sessions and tokens, retried until it succeeds."""

from collections.abc import Sequence

from renga.domains.identity.accounts.ports import AccessRevoker
from renga.domains.identity.contract.events import AccountErased, AccountLocked, PasswordChanged
from renga.platform.bus.port import Consumer
from renga.platform.bus.subscribing import Heard, subscribe


def revocation_consumer(revokers: Sequence[AccessRevoker]) -> Consumer:
    """Ends sessions and tokens after a changed password, an erased or a locked account."""

    async def end(news: Sequence[Heard[PasswordChanged | AccountErased | AccountLocked]]) -> None:
        for one in news:
            kept = one.fact.kept_session if isinstance(one.fact, PasswordChanged) else None
            for revoker in revokers:
                await revoker.revoke(one.fact.account_id, keep_session=kept)

    return subscribe((PasswordChanged, AccountErased, AccountLocked), end, name="identity.endings")
