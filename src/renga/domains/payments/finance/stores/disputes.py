"""DisputeStore on PostgreSQL: the disputes that payments' unit of work writes, and their evidence."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from renga.domains.payments.contract.disputes import (
    EVIDENCE_MAX,
    Dispute,
    DisputedShare,
    DisputeStanding,
    Evidence,
    EvidenceDraft,
)
from renga.domains.payments.contract.finance_errors import DisputeNotFound, EvidenceInvalid, EvidenceTooLate
from renga.domains.payments.finance.model.frozen import disputed_shares
from renga.domains.payments.finance.ports.disputes import WaitingEvidence
from renga.domains.payments.finance.ports.trail import TrailEntry
from renga.domains.payments.finance.stores.trail import record
from renga.domains.payments.model.means import StoredShare
from renga.kernel.clock import rfc3339
from renga.kernel.money import Money
from renga.kernel.once import IdempotencyConflict
from renga.platform.postgres import calls

_COLUMNS = """
    d.provider, d.id, d.payment, d.state, d.amount, d.currency, d.reason, d.due_ms, d.opened_ms, d.changed_ms, p.reference,
    m.provider_ref, p.document ->> 'shares' AS shares
"""
_FROM = """
    FROM payments.disputes d JOIN payments.payments p ON p.id = d.payment JOIN payments.means m ON m.id = d.means
"""
_LIST = f"""
    SELECT {_COLUMNS} {_FROM}
    WHERE ($1::text[] IS NULL OR d.provider = ANY($1)) AND ($2::text IS NULL OR d.state = $2)
        AND ($3::bigint IS NULL OR (d.opened_ms, d.provider, d.id) < ($3, $4, $5))
    ORDER BY d.opened_ms DESC, d.provider DESC, d.id DESC LIMIT $6
"""
_ONE = f"SELECT {_COLUMNS} {_FROM} WHERE d.provider = $1 AND d.id = $2"
_EVIDENCE_COLUMNS = "id, kind, text, state, by, at_ms"
_EVIDENCE = f"SELECT {_EVIDENCE_COLUMNS} FROM payments.dispute_evidence WHERE dispute = $1 ORDER BY at_ms, id"
#: Under the lock of the dispute: what closes it waits, and nobody else counts its evidence.
_LOCK = "SELECT state, due_ms FROM payments.disputes WHERE provider = $1 AND id = $2 FOR UPDATE"
_BY_KEY = f"SELECT {_EVIDENCE_COLUMNS} FROM payments.dispute_evidence WHERE dispute = $1 AND key = $2"
_COUNT = "SELECT count(*) FROM payments.dispute_evidence WHERE dispute = $1"
_ADD = """
    INSERT INTO payments.dispute_evidence (id, dispute, key, kind, text, state, by, at_ms, next_ms)
    VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8)
"""
_CLAIM = """
    UPDATE payments.dispute_evidence AS e SET next_ms = $2
    FROM (
        SELECT id FROM payments.dispute_evidence WHERE state = 'waiting' AND next_ms <= $1
        ORDER BY next_ms LIMIT $3 FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE e.id = due.id
    RETURNING e.id, e.dispute, e.kind, e.text, NOT EXISTS (
        SELECT 1 FROM payments.disputes d WHERE d.provider || ':' || d.id = e.dispute
            AND d.provider = split_part(e.dispute, ':', 1) AND d.state = 'opened'
    ) AS closed
"""
_DONE = "UPDATE payments.dispute_evidence SET state = $2 WHERE id = $1 AND state = 'waiting'"

_shares = msgspec.json.Decoder(tuple[StoredShare, ...])


class PostgresDisputes:
    """On a pool whose database has the migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    async def disputes(
        self,
        providers: frozenset[str] | None,
        state: DisputeStanding | None,
        after: tuple[int, str, str] | None,
        limit: int,
    ) -> Sequence[tuple[tuple[int, str, str], Dispute]]:
        place = (None, None, None) if after is None else after
        names = None if providers is None else sorted(providers)
        rows = await calls.fetch(self._pool, _LIST, names, state, *place, limit)
        return [((row["opened_ms"], row["provider"], row["id"]), _dispute(row)) for row in rows]

    async def dispute(self, provider: str, ref: str) -> Dispute | None:
        row = await calls.fetch_row(self._pool, _ONE, provider, ref)
        if row is None:
            return None
        found = _dispute(row)
        evidence = await calls.fetch(self._pool, _EVIDENCE, found.id)
        return msgspec.structs.replace(found, evidence=tuple(map(_evidence, evidence)))

    async def add_evidence(
        self, dispute: Dispute, evidence_id: str, key: bytes, draft: EvidenceDraft, entry: TrailEntry, next_ms: int
    ) -> Evidence:
        provider, _, ref = dispute.id.partition(":")
        async with calls.transaction(self._pool) as connection:
            there = await connection.fetchrow(_LOCK, provider, ref)
            if there is None:
                raise DisputeNotFound()
            if (before := await connection.fetchrow(_BY_KEY, dispute.id, key)) is not None:
                return _same(before, draft)
            if there["state"] != "opened" or (there["due_ms"] or entry.at_ms) < entry.at_ms:
                raise EvidenceTooLate()
            if await connection.fetchval(_COUNT, dispute.id) >= EVIDENCE_MAX:
                raise EvidenceInvalid(f"a dispute has at most {EVIDENCE_MAX} texts", field="text")
            await connection.execute(
                _ADD, UUID(evidence_id), dispute.id, key, draft.kind, draft.text, entry.by, entry.at_ms, next_ms
            )
            await record(connection, entry)
        return Evidence(
            id=evidence_id, kind=draft.kind, text=draft.text, state="waiting", by=entry.by, at=rfc3339(entry.at_ms)
        )

    async def claim_waiting(self, now_ms: int, next_ms: int, limit: int) -> Sequence[WaitingEvidence]:
        async with calls.transaction(self._pool) as connection:
            rows = await connection.fetch(_CLAIM, now_ms, next_ms, limit)
        return [
            WaitingEvidence(id=str(row[0]), dispute=row[1], kind=row[2], text=row[3], closed=row[4]) for row in rows
        ]

    async def evidence_done(self, evidence_id: str, *, sent: bool) -> None:
        await calls.execute(self._pool, _DONE, UUID(evidence_id), "sent" if sent else "kept")


def _same(row: Any, draft: EvidenceDraft) -> Evidence:
    """Raises IdempotencyConflict."""
    found = _evidence(row)
    if (found.kind, found.text) != (draft.kind, draft.text):
        raise IdempotencyConflict()
    return found


def _evidence(row: Any) -> Evidence:
    identifier, kind, text, state, by, at_ms = row
    return Evidence(id=str(identifier), kind=kind, text=text, state=state, by=by, at=rfc3339(at_ms))


def _dispute(row: Any) -> Dispute:
    shares = () if row["shares"] is None else _shares.decode(row["shares"])
    lost = disputed_shares(shares, [row["amount"]]) if row["state"] == "opened" else {}
    return Dispute(
        id=f"{row['provider']}:{row['id']}",
        provider=row["provider"],
        provider_ref=row["provider_ref"] or "",
        payment=str(row["payment"]),
        reference=row["reference"],
        state=row["state"],
        amount=Money(row["amount"], row["currency"]),
        reason=row["reason"],
        opened_at=rfc3339(row["opened_ms"]),
        changed_at=rfc3339(row["changed_ms"]),
        due_at=None if row["due_ms"] is None else rfc3339(row["due_ms"]),
        shares=tuple(
            DisputedShare(merchant=merchant, amount=Money(amount, row["currency"]))
            for merchant, amount in sorted(lost.items())
        ),
    )
