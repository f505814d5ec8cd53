"""Sessions in memory: the same promises as the Redis adapter, for tests of what stands on them."""

import secrets

import msgspec

from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.sessions.port import ABSOLUTE_S, IDLE_S, Session


class MemorySessions:
    """Implements ``Sessions``."""

    def __init__(self, *, new_id: IdSource, clock: Clock, idle_s: int = IDLE_S, absolute_s: int = ABSOLUTE_S) -> None:
        self._new_id = new_id
        self._clock = clock
        self._idle_ms, self._absolute_ms = idle_s * 1000, absolute_s * 1000
        self._held: dict[str, Session] = {}

    async def read(self, secret: str) -> Session | None:
        session = self._living(secret)
        if session is None:
            return None
        if self._clock.now_ms() - session.seen_ms >= 60_000:
            session = msgspec.structs.replace(session, seen_ms=self._clock.now_ms())
        self._held[secret] = session
        return session

    async def start(self, *, address: str, agent: str) -> tuple[str, Session]:
        return self._keep(Session(id=self._new_id(), csrf="", address=address, agent=agent[:200]))

    async def rotate(self, secret: str, session: Session) -> str:
        old = self._living(secret)
        self._held.pop(secret, None)
        if old is None or old.id != session.id:
            return self._keep(msgspec.structs.replace(session, id=self._new_id()))[0]
        created = old.created_ms if old.account_id == session.account_id else 0
        return self._keep(session, created)[0]

    async def end(self, secret: str) -> None:
        self._held.pop(secret, None)

    async def of_account(self, account_id: str) -> tuple[Session, ...]:
        living = [self._living(secret) for secret in list(self._held)]
        hers = [one for one in living if one is not None and one.account_id == account_id]
        return tuple(sorted(hers, key=lambda one: (-one.seen_ms, one.id)))

    async def revoke(self, account_id: str, session_id: str | None = None, *, but: str | None = None) -> int:
        ended = [
            secret
            for secret, one in self._held.items()
            if one.account_id == account_id and one.id != but and session_id in (None, one.id)
        ]
        for secret in ended:
            del self._held[secret]
        return len(ended)

    def _keep(self, session: Session, created_ms: int = 0) -> tuple[str, Session]:
        now = self._clock.now_ms()
        made = msgspec.structs.replace(
            session, csrf=secrets.token_urlsafe(32), created_ms=created_ms or now, seen_ms=now
        )
        secret = f"{made.id}.{secrets.token_urlsafe(32)}"
        self._held[secret] = made
        return secret, made

    def _living(self, secret: str) -> Session | None:
        session = self._held.get(secret)
        now = self._clock.now_ms()
        if session is None:
            return None
        if now >= session.seen_ms + self._idle_ms or now >= session.created_ms + self._absolute_ms:
            del self._held[secret]
            return None
        return session
