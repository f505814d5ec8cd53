"""What identity does when it hears its own news: end sessions and tokens, however often the engines were away before."""

from collections.abc import Sequence

from renga.domains.identity.accounts.ports import Ending
from renga.kernel.events import Event
from renga.platform.bus.port import Consumer


def endings_consumer(endings: Sequence[Ending]) -> Consumer:
    """Ends what old proofs opened, for each changed password, each erased and each locked account."""

    async def end(events: Sequence[Event]) -> None:
        for event in events:
            for ending in endings:
                await ending(event.subject, event.data.get("kept_session"))

    return Consumer(
        name="identity.endings",
        patterns=("identity.PasswordChanged", "identity.AccountErased", "identity.AccountLocked"),
        handler=end,
    )
