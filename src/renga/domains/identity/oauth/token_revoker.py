"""Revokes tokens: stores the revocation in the database, then publishes it to every process until that succeeds."""

import asyncio

import structlog

from renga.domains.identity.oauth.model import Family
from renga.domains.identity.oauth.ports import RevocationPublisher, TokenStore
from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable
from renga.kernel.revocation import Kind, Revocation

log = structlog.get_logger(__name__)

RETELL_S = 5.0
REPUBLISH_MAX = 1_000
PURGE_EVERY = 120
#: Allowed clock difference between processes.
SLACK_S = 60


class TokenRevoker:
    """``life_s`` is the longest lifetime of an access token. Raises Unavailable if the revocation could not be stored."""

    def __init__(self, store: TokenStore, publisher: RevocationPublisher, *, life_s: int, clock: Clock) -> None:
        self._store = store
        self._publisher = publisher
        self._life_s = life_s
        self._clock = clock

    def of_family(self, family: Family) -> Revocation:
        """The revocation of all tokens of one login."""
        return self._revocation("family", family.id)

    async def revoke(self, account_id: str, *, keep_session: str | None = None) -> None:
        """End all of the account's tokens (``accounts.ports.AccessRevoker``), whatever ``keep_session`` is."""
        await self._end(self._revocation("account", account_id), "tokens_ended", account_id, by=account_id)

    async def end(self, *, client_id: str, account_id: str | None) -> None:
        """End all of a client's tokens, or those of one person there (``organisations.ports.TokenFamilies``)."""
        if account_id is None:
            await self._end(self._revocation("client", client_id), "client_tokens_ended", None, by=client_id)
        else:
            revocation = self._revocation("grant", f"{account_id} {client_id}")
            await self._end(revocation, "client_disconnected", account_id, by=account_id)

    async def end_token(self, token_id: str, account_id: str | None, client_id: str, address: str) -> None:
        """Revoke one access token."""
        await self._end(self._revocation("token", token_id), "token_revoked", account_id, client_id, address)

    async def end_family(self, family: Family, address: str) -> None:
        """Revoke all tokens of one login."""
        grant = family.grant
        await self._end(self.of_family(family), "tokens_revoked", grant.account_id, grant.client_id, address)

    async def tell(self, revocation: Revocation) -> None:
        """Publish a stored revocation; ``run`` repeats it after a failure."""
        try:
            await self._publisher.publish([revocation])
        except Unavailable as error:
            log.warning("revocation_not_told_yet", kind=revocation.kind, detail=error.detail)

    async def republish(self) -> int:
        """Publish what is not announced yet, or everything if earlier publications are lost. Raises Unavailable."""
        everything = not await self._publisher.exists()
        now_ms = self._clock.now_ms()
        rows = await self._store.unannounced(everything=everything, now_ms=now_ms, limit=REPUBLISH_MAX)
        if rows:
            await self._publisher.publish([revocation for _, revocation in rows])
            await self._store.mark_announced([position for position, _ in rows])
        return len(rows)

    async def run(self) -> None:
        """Republish and purge until cancelled (one process is enough; several are safe)."""
        turn = 0
        while True:
            try:
                await self.republish()
                if turn % PURGE_EVERY == 0:
                    await self._store.purge(self._clock.now_ms())
                turn += 1
            except Unavailable as error:
                log.warning("revocations_not_retold", code=error.code, detail=error.detail)
            await asyncio.sleep(RETELL_S)

    async def _end(
        self, revocation: Revocation, action: str, account_id: str | None, by: str, address: str = ""
    ) -> None:
        await self._store.end(
            revocation, action=action, account_id=account_id, by=by, address=address, now_ms=self._clock.now_ms()
        )
        await self.tell(revocation)

    def _revocation(self, kind: Kind, subject: str) -> Revocation:
        now_s = self._clock.now_ms() // 1000
        return Revocation(kind=kind, subject=subject, cutoff_s=now_s, until_s=now_s + self._life_s + SLACK_S)
