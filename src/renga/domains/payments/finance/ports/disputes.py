"""The store of disputes. Every method raises Unavailable."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.domains.payments.contract.disputes import Dispute, DisputeStanding, Evidence, EvidenceDraft
from renga.domains.payments.finance.ports.trail import TrailEntry


class WaitingEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence that the provider has not got yet. ``closed``: the dispute is won or lost meanwhile."""

    id: str
    dispute: str
    kind: str
    text: str
    closed: bool


class DisputeStore(Protocol):
    """Disputes, as payments' unit of work wrote them, and their evidence. The id of one is ``provider:id of the provider``."""

    async def disputes(
        self,
        providers: frozenset[str] | None,
        state: DisputeStanding | None,
        after: tuple[int, str, str] | None,
        limit: int,
    ) -> Sequence[tuple[tuple[int, str, str], Dispute]]:
        """Newest first, each with its place. ``providers`` None: all."""
        ...

    async def dispute(self, provider: str, ref: str) -> Dispute | None:
        """With its evidence; None: there is no such dispute."""
        ...

    async def add_evidence(
        self, dispute: Dispute, evidence_id: str, key: bytes, draft: EvidenceDraft, entry: TrailEntry, next_ms: int
    ) -> Evidence:
        """Keep evidence as ``waiting``, or return what has this key already.

        Raises EvidenceTooLate, EvidenceInvalid (too many), IdempotencyConflict.
        """
        ...

    async def claim_waiting(self, now_ms: int, next_ms: int, limit: int) -> Sequence[WaitingEvidence]:
        """Evidence that is due; nobody else gets it before ``next_ms``."""
        ...

    async def evidence_done(self, evidence_id: str, *, sent: bool) -> None:
        """It is ``sent`` or ``kept``."""
        ...
