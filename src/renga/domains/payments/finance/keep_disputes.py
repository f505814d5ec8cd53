"""Use cases: the inbox of disputes, and what speaks for the shop."""

import hashlib
from collections.abc import Sequence

import msgspec

from renga.domains.payments.contract.disputes import (
    DISPUTES_PAGE_MAX,
    EVIDENCE_CHARS_MAX,
    Dispute,
    DisputePage,
    DisputeStanding,
    EvidenceDraft,
)
from renga.domains.payments.contract.errors import ProviderAway
from renga.domains.payments.contract.finance_errors import DisputeNotFound, EvidenceInvalid
from renga.domains.payments.contract.payments import READING_PAYMENTS
from renga.domains.payments.finance.access import manage, provider_reach
from renga.domains.payments.finance.cursors import decoded_cursor, encoded_cursor
from renga.domains.payments.finance.dependencies import FinanceDependencies
from renga.domains.payments.finance.ports.disputes import WaitingEvidence
from renga.domains.payments.finance.ports.trail import TrailEntry
from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid
from renga.kernel.once import Replay

#: Evidence that a provider has not taken is sent again after this time; so many texts at once.
AGAIN_MS = 60_000
WAITING_MAX = 20
_REF_CHARS_MAX = 200


async def list_disputes(
    dependencies: FinanceDependencies,
    caller: Caller,
    *,
    state: DisputeStanding | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> DisputePage:
    """Newest first. Raises FinanceCursorInvalid, Invalid (limit)."""
    reach = await provider_reach(dependencies, caller)
    if not 1 <= limit <= DISPUTES_PAGE_MAX:
        raise Invalid(f"limit is 1 to {DISPUTES_PAGE_MAX}", field="limit")
    after = None if cursor is None else decoded_cursor(cursor, tuple[int, str, str])
    found = await dependencies.disputes.disputes(reach.only, state, after, limit + 1)
    items = tuple(_visible(dispute, caller) for _, dispute in found[:limit])
    return DisputePage(items=items, next=encoded_cursor(found[limit - 1][0]) if len(found) > limit else None)


async def read_dispute(dependencies: FinanceDependencies, caller: Caller, dispute_id: str) -> Dispute:
    """Raises DisputeNotFound."""
    reach = await provider_reach(dependencies, caller)
    provider, _, ref = dispute_id.partition(":")
    if not ref or len(dispute_id) > _REF_CHARS_MAX or not dispute_id.isprintable() or not reach.covers(provider):
        raise DisputeNotFound()
    found = await dependencies.disputes.dispute(provider, ref)
    if found is None:
        raise DisputeNotFound()
    return _visible(found, caller)


def _visible(dispute: Dispute, caller: Caller) -> Dispute:
    """A partner does not see which merchants a payment was for."""
    return dispute if caller.may(READING_PAYMENTS) else msgspec.structs.replace(dispute, shares=())


async def submit_evidence(
    dependencies: FinanceDependencies,
    caller: Caller,
    dispute_id: str,
    draft: EvidenceDraft,
    *,
    key: str | None = None,
    replay: Replay | None = None,
) -> Dispute:
    """Raises DisputeNotFound, EvidenceTooLate, EvidenceInvalid, IdempotencyConflict."""
    subject = manage(caller)
    dispute = await read_dispute(dependencies, caller, dispute_id)
    if not 1 <= len(draft.text) <= EVIDENCE_CHARS_MAX or "\0" in draft.text or not draft.text.strip():
        raise EvidenceInvalid(f"a text has 1 to {EVIDENCE_CHARS_MAX} characters, none is U+0000", field="text")
    now_ms = dependencies.clock.now_ms()
    entry = TrailEntry(
        at_ms=now_ms, by=subject, action="evidence_submitted", subject=dispute.id, details={"kind": draft.kind}
    )
    digest = hashlib.sha256(f"{subject}\0{key or dependencies.new_id()}".encode()).digest()
    new = dependencies.new_id()
    kept = await dependencies.disputes.add_evidence(dispute, new, digest, draft, entry, now_ms + AGAIN_MS)
    if replay is not None:
        replay.happened = kept.id != new
    if kept.state == "waiting":
        one = WaitingEvidence(id=kept.id, dispute=dispute.id, kind=kept.kind, text=kept.text, closed=False)
        await _send(dependencies, one)
    return await read_dispute(dependencies, caller, dispute_id)


async def send_waiting_evidence(dependencies: FinanceDependencies) -> int:
    """Send what providers have not got yet; returns how many texts were due."""
    now_ms = dependencies.clock.now_ms()
    due: Sequence[WaitingEvidence] = await dependencies.disputes.claim_waiting(now_ms, now_ms + AGAIN_MS, WAITING_MAX)
    for one in due:
        await _send(dependencies, one)
    return len(due)


async def _send(dependencies: FinanceDependencies, one: WaitingEvidence) -> None:
    """No transaction is open meanwhile. It stays waiting if the provider is away."""
    name, _, ref = one.dispute.partition(":")
    taker = dependencies.evidence_takers.get(name)
    if taker is None or one.closed:
        await dependencies.disputes.evidence_done(one.id, sent=False)
        return
    try:
        sent = await taker.submit_evidence(one.id, ref, one.kind, one.text)
    except ProviderAway:
        return  # the job sends it again
    await dependencies.disputes.evidence_done(one.id, sent=sent)
