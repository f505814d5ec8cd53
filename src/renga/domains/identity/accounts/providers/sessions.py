"""``ports.AccessRevoker`` for web sessions."""

from renga.platform.sessions.port import Sessions


class SessionRevoker:
    """Ends web sessions."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def revoke(self, account_id: str, *, keep_session: str | None = None) -> None:
        await self._sessions.revoke(account_id, but=keep_session)
