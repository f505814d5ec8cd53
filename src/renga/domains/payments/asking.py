"""Shared by the operations that callers ask for: their names, and requests that come again."""

import hashlib

import msgspec

from renga.domains.payments.contract.errors import PaymentInvalid
from renga.domains.payments.model.checking import check_text
from renga.domains.payments.ports.store import PaymentUnit
from renga.kernel.caller import Caller
from renga.kernel.once import KEY_CHARACTERS_MAX, IdempotencyConflict, Replay


class Asked(msgspec.Struct, frozen=True):
    """A caller's request on one payment: ``name`` of its operations, and a digest of its content."""

    name: str
    fingerprint: str


def asked(caller: Caller, kind: str, key: str, request: msgspec.Struct) -> Asked:
    """Two callers, and two kinds of operations, may use the same key. Raises PaymentInvalid."""
    check_text(key, "key", KEY_CHARACTERS_MAX)
    subject = caller.identified()
    name = hashlib.sha256(f"{kind}:{len(subject)}:{subject}:{key}".encode()).hexdigest()
    content = msgspec.json.encode(msgspec.structs.replace(request, key=""))
    return Asked(name, hashlib.sha256(content).hexdigest())


def check_currency(unit: PaymentUnit, currency: str | None) -> None:
    """Raises PaymentInvalid."""
    if currency is not None and currency != unit.payment.currency:
        raise PaymentInvalid(f"this payment is in {unit.payment.currency}", field="amount")


def note_replay(replay: Replay | None) -> None:
    """The caller's key was used before."""
    if replay is not None:
        replay.happened = True


def came_before(unit: PaymentUnit, request: Asked, replay: Replay | None) -> bool:
    """Whether its operations exist already; noted in ``replay``. Raises IdempotencyConflict."""
    for one in unit.operations.values():
        if one.name == request.name:
            if one.request.fingerprint != request.fingerprint:
                raise IdempotencyConflict()
            note_replay(replay)
            return True
    return False
