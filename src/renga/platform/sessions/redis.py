"""Sessions on Redis or Valkey, one server or a cluster: a key per session, an index per account, each in its own slot.

The cookie is ``<public id>.<256 random bits>``; Redis has only the secret's SHA-256, so a dump of it gives access to no
session. The key contains the public id, so it stays in its slot when the secret changes: a rotation is one atomic script.

Session and index are in different slots; the order of writes keeps them consistent: an entry is added before its session
gets the account, and removed after the session is deleted. A crash can leave an extra entry, never a session that ``revoke``
cannot find; readers of the index remove extra entries older than ``GRACE_MS``.
"""

import asyncio
import hashlib
import importlib.resources
import secrets
from collections.abc import Sequence
from typing import Any, NoReturn

import msgspec

from renga.kernel.clock import Clock
from renga.kernel.errors import OutcomeUnknown, Unavailable
from renga.kernel.ids import IdSource, canonical_uuid
from renga.platform.redis.client import HotRedis, Script
from renga.platform.redis.errors import RedisTrouble, Unanswered
from renga.platform.sessions.port import ABSOLUTE_S, IDLE_S, Session

#: How often a session's last use is stored, and how long an index entry may exist without its session.
TOUCH_MS, GRACE_MS = 60_000, 60_000
#: Most sessions of one account; a further login ends the least recently used one.
SESSIONS_MAX = 50
SECRET_BYTES, AGENT_CHARACTERS_MAX = 32, 200

_NAMES = ("read", "write", "end", "list", "unlist")


class RedisSessions:
    """Implements ``Sessions``. Without ``clock`` the server's clock counts, so that wrong clocks of hosts do not matter."""

    def __init__(
        self,
        redis: HotRedis,
        *,
        new_id: IdSource,
        clock: Clock | None = None,
        idle_s: int = IDLE_S,
        absolute_s: int = ABSOLUTE_S,
    ) -> None:
        self._redis = redis
        self._new_id = new_id
        self._clock = clock
        self._idle_ms, self._absolute_ms = idle_s * 1000, absolute_s * 1000
        folder = importlib.resources.files("renga.platform.sessions") / "scripts"
        head = (folder / "clock.lua").read_text("utf-8")
        self._scripts = {name: Script(name, head + (folder / f"{name}.lua").read_text("utf-8")) for name in _NAMES}

    async def read(self, secret: str) -> Session | None:
        found = _split(secret)
        if found is None:
            return None
        session_id, hashed = found
        reply = await self._read(session_id, hashed)
        session = _session(reply)
        if session is not None and reply[3] == 1 and session.account_id is not None:
            await self._list(session.account_id, session_id)  # restores a lost index
        return session

    async def start(self, *, address: str, agent: str) -> tuple[str, Session]:
        return await self._create(Session(id="", csrf="", address=address, agent=agent))

    async def rotate(self, secret: str, session: Session) -> str:
        found = _split(secret)
        if found is None or found[0] != session.id:
            return await self._start_anew(session)
        session_id, hashed = found
        if session.account_id is not None:
            await self._list(session.account_id, session_id)
        value, new_hash = _new_secret(session_id)
        body = _body(await self._with_new_token(session, hashed))
        reply = await self._write(session_id, hashed, new_hash, body, session.account_id)
        if reply is None:
            return await self._start_anew(session)
        await self._unlist_former(reply[2].decode(), session)
        await self._bound(session)
        return value

    async def end(self, secret: str) -> None:
        found = _split(secret)
        if found is None:
            return
        account = await self._run("end", _key(found[0]), found[1], "")
        if account:
            await self._unlist(account.decode(), [found[0]], grace_ms=0)

    async def of_account(self, account_id: str) -> tuple[Session, ...]:
        ids = await self._listed(account_id)
        sessions = [_session(reply) for reply in await asyncio.gather(*(self._read(one, "") for one in ids))]
        living = [one for one in sessions if one is not None and one.account_id == account_id]
        alive = {one.id for one in living}
        await self._unlist(account_id, [one for one in ids if one not in alive], grace_ms=GRACE_MS)
        return tuple(sorted(living, key=lambda one: (-one.seen_ms, one.id)))

    async def revoke(self, account_id: str, session_id: str | None = None, *, but: str | None = None) -> int:
        ids = [one for one in await self._listed(account_id) if one != but and session_id in (None, one)]
        ended = await asyncio.gather(*(self._run("end", _key(one), "", account_id) for one in ids))
        await self._unlist(account_id, [one for one, done in zip(ids, ended, strict=True) if done], grace_ms=0)
        return sum(done is not None for done in ended)

    async def _create(self, session: Session) -> tuple[str, Session]:
        session_id = self._new_id()
        made = msgspec.structs.replace(
            session, id=session_id, csrf=_token(), agent=session.agent[:AGENT_CHARACTERS_MAX]
        )
        if made.account_id is not None:
            await self._list(made.account_id, session_id)
        value, hashed = _new_secret(session_id)
        reply = await self._write(session_id, "", hashed, _body(made), made.account_id)
        if reply is None:
            raise Unavailable("the session could not be written twice under one id")
        await self._bound(made)
        return value, msgspec.structs.replace(made, seen_ms=reply[0], created_ms=reply[1])

    async def _start_anew(self, session: Session) -> str:
        """The secret to rotate is invalid: its holder gains nothing; the browser gets a new session."""
        value, _ = await self._create(session)
        return value

    async def _with_new_token(self, session: Session, hashed: str) -> Session:
        """A rotated session always gets a new CSRF token, in case the old one is known to an attacker."""
        old = _session(await self._read(session.id, hashed))
        return (
            session if old is not None and old.csrf != session.csrf else msgspec.structs.replace(session, csrf=_token())
        )

    async def _unlist_former(self, account: str, session: Session) -> None:
        if account and account != session.account_id:
            await self._unlist(account, [session.id], grace_ms=0)

    async def _bound(self, session: Session) -> None:
        """End the least recently used sessions of an account that has too many."""
        if session.account_id is None:
            return
        if int(await self._redis_call(_index(session.account_id), "HLEN")) > SESSIONS_MAX:
            for one in (await self.of_account(session.account_id))[SESSIONS_MAX:]:
                await self.revoke(session.account_id, one.id)

    async def _listed(self, account_id: str) -> list[str]:
        return sorted(raw.decode() for raw in await self._redis_call(_index(account_id), "HKEYS"))

    async def _list(self, account_id: str, session_id: str) -> None:
        await self._run("list", _index(account_id), session_id, self._absolute_ms)

    async def _unlist(self, account_id: str, ids: Sequence[str], *, grace_ms: int) -> None:
        if ids:
            await self._run("unlist", _index(account_id), grace_ms, *ids)

    async def _read(self, session_id: str, hashed: str) -> Any:
        return await self._run("read", _key(session_id), hashed, self._idle_ms, self._absolute_ms, TOUCH_MS)

    async def _write(self, session_id: str, old_hash: str, new_hash: str, body: bytes, account_id: str | None) -> Any:
        lives = (self._idle_ms, self._absolute_ms)
        return await self._run("write", _key(session_id), old_hash, new_hash, body, account_id or "", *lives)

    async def _run(self, name: str, key: str, *args: str | int | bytes) -> Any:
        now_ms = 0 if self._clock is None else self._clock.now_ms()
        # not repeatable: after a rotation the old secret is invalid, so a retry would fail
        try:
            return await self._redis.run(self._scripts[name], (key,), (now_ms, *args), repeatable=name != "write")
        except RedisTrouble as trouble:
            _raise(trouble)

    async def _redis_call(self, key: str, command: str) -> Any:
        try:
            return await self._redis.call(key, command, key)
        except RedisTrouble as trouble:
            _raise(trouble)


def _key(session_id: str) -> str:
    return f"session:{{{session_id}}}"


def _index(account_id: str) -> str:
    return f"sessions:{{{account_id}}}"


def _split(secret: str) -> tuple[str, str] | None:
    """Public id and hash of a cookie's value; None if it is malformed."""
    session_id, dot, random = secret.partition(".")
    if not dot or len(random) != 43 or not random.isascii() or canonical_uuid(session_id) != session_id:
        return None
    return session_id, _hash(random)


def _new_secret(session_id: str) -> tuple[str, str]:
    random = secrets.token_urlsafe(SECRET_BYTES)
    return f"{session_id}.{random}", _hash(random)


def _hash(random: str) -> str:
    return hashlib.sha256(random.encode()).hexdigest()


def _token() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Session)


def _body(session: Session) -> bytes:
    return _encode(session)


def _session(reply: Any) -> Session | None:
    if reply is None:
        return None
    return msgspec.structs.replace(_decoder.decode(reply[0]), seen_ms=reply[1], created_ms=reply[2])


def _raise(trouble: RedisTrouble) -> NoReturn:
    if isinstance(trouble, Unanswered):
        raise OutcomeUnknown("the session store went away midway") from trouble
    raise Unavailable("the session store is away") from trouble
