"""Disputes: buyers who have a payment taken back by their bank, and what the shop answers."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from renga.kernel.money import Money

DisputeStanding = Literal["opened", "won", "lost"]
EvidenceKind = Literal["explanation", "delivery", "receipt", "correspondence", "refund_policy", "other"]

DISPUTES_PAGE_MAX = 100
EVIDENCE_MAX = 20
EVIDENCE_CHARS_MAX = 10_000


class DisputedShare(Struct, frozen=True, kw_only=True):
    """What a merchant loses if the dispute is lost; until then it is not paid out."""

    merchant: str
    amount: Money


class EvidenceDraft(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text that speaks for the shop."""

    kind: EvidenceKind = "explanation"
    text: Annotated[str, Meta(min_length=1, max_length=EVIDENCE_CHARS_MAX)]


class Evidence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``state``: ``sent`` to the provider; ``kept``: this provider takes none here, hand it in on the provider's own pages;
    ``waiting``: it did not answer and is asked again.
    """

    id: str
    kind: EvidenceKind
    text: str
    state: Literal["waiting", "sent", "kept"]
    by: str
    at: str


class Dispute(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A dispute of a payment. ``due_at``: until when evidence counts."""

    id: str
    provider: str
    provider_ref: str
    payment: str
    reference: str
    state: DisputeStanding
    amount: Money
    reason: str
    opened_at: str
    changed_at: str
    due_at: str | None = None
    shares: tuple[DisputedShare, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class DisputePage(Struct, frozen=True, kw_only=True):
    """Newest first. ``next`` continues."""

    items: tuple[Dispute, ...]
    next: str | None = None
