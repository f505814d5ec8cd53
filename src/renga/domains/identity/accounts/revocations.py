"""End the access that old credentials gave: sessions, refresh tokens."""

import structlog

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)


async def end_all(dependencies: AccountDependencies, account_id: str, keep_session: str | None) -> None:
    """End it now; a revoker that is unavailable is retried by ``reactions.py``, which consumes the same event."""
    for revoker in dependencies.revokers:
        try:
            await revoker.revoke(account_id, keep_session=keep_session)
        except Unavailable as error:
            log.warning("ending_postponed", account_id=account_id, error=error.code)
