"""Who ends access beside the authorization server (``oauth.ending_tokens``): web sessions, and what is remembered of API keys."""

from renga.domains.identity.api_keys.local import LocalApiKeys
from renga.platform.sessions.port import Sessions


class SessionRevoker:
    """``accounts.ports.AccessRevoker``: the browsers of an account."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def revoke(self, account_id: str, *, keep_session: str | None = None) -> None:
        await self._sessions.revoke(account_id, but=keep_session)


class KeyRevoker:
    """``accounts.ports.AccessRevoker``: every process looks at the account's keys again; none of them is a session."""

    def __init__(self, keys: LocalApiKeys) -> None:
        self._keys = keys

    async def revoke(self, account_id: str, *, keep_session: str | None = None) -> None:
        await self._keys.account_changed(account_id)
