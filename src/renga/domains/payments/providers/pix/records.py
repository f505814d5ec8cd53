"""Charges of the Pix API as records of the port."""

import hashlib
from datetime import date, datetime, time, timedelta, timezone

from renga.domains.payments.contract.payments import PixCharge
from renga.domains.payments.ports.provider import ProviderRecord, RecordState
from renga.domains.payments.providers.pix.objects import PixCalendar, PixCob, PixReceived, PixReturn
from renga.kernel.clock import from_rfc3339, rfc3339
from renga.kernel.ids import canonical_uuid
from renga.kernel.money import Money

CURRENCY = "BRL"
#: The first letter of a txid says which kind of charge it is: a webhook names the txid alone.
IMMEDIATE, DUE = "i", "v"
RETURN_PREFIX = "d"
#: Due dates are days of Brasília, which has had no summer time since 2019.
BRASILIA = timezone(timedelta(hours=-3))
REMOVED = frozenset({"REMOVIDA_PELO_USUARIO_RECEBEDOR", "REMOVIDA_PELO_PSP"})
DEFAULT_LIFE_S = 86_400
_DIGEST_CHARS = 32


def txid_of(key: str, prefix: str) -> str:
    """The txid of the charge that an idempotency key makes: 26 to 35 letters and digits."""
    return prefix + _hex(key)


def return_id_of(key: str) -> str:
    """The id of the devolução that an idempotency key makes."""
    return RETURN_PREFIX + _hex(key)


def key_of(txid: str) -> str | None:
    """The key of a charge, if it was a UUID; the way back of ``txid_of``."""
    digits = txid[1:]
    if len(digits) != _DIGEST_CHARS:
        return None
    return canonical_uuid("-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])))


def record_of(cob: PixCob, now_ms: int) -> ProviderRecord:
    """What the provider knows of a charge. Raises ValueError and OverflowError for times that are none."""
    expires_ms = expiry_ms(cob.calendario)
    paid = [from_rfc3339(one.horario) for one in cob.pix]
    return ProviderRecord(
        ref=cob.txid,
        state=_state(cob, expires_ms, now_ms),
        amount=Money(cents(cob.valor.original), CURRENCY),
        captured=sum(cents(one.valor) for one in cob.pix),
        refunded=sum(cents(one.valor) for one in returns_of(cob) if one.status == "DEVOLVIDO"),
        key=key_of(cob.txid),
        method="pix",
        pix=_charge(cob, expires_ms),
        paid_ms=min(paid) if paid else None,
    )


def returns_of(cob: PixCob) -> list[PixReturn]:
    return [each for one in cob.pix for each in one.devolucoes]


def left_of(received: PixReceived) -> int:
    """How much of a Pix can go back."""
    gone = sum(cents(one.valor) for one in received.devolucoes if one.status != "NAO_REALIZADO")
    return cents(received.valor) - gone


def cents(value: str) -> int:
    """ "10.99" as 1099."""
    return int(value.replace(".", ""))


def value_of(amount: int) -> str:
    """1099 as "10.99"."""
    return f"{amount // 100}.{amount % 100:02d}"


def expiry_ms(calendar: PixCalendar) -> int:
    """When a charge ends: after its seconds, or with the last day on which it may be paid. Raises ValueError, OverflowError."""
    if calendar.due_on is None:
        life_s = DEFAULT_LIFE_S if calendar.expiracao is None else calendar.expiracao
        return from_rfc3339(calendar.criacao) + life_s * 1000
    last = date.fromisoformat(calendar.due_on) + timedelta(days=calendar.valid_days or 0)
    return int(datetime.combine(last, time.max, BRASILIA).timestamp() * 1000)


def _hex(key: str) -> str:
    identifier = canonical_uuid(key)
    return identifier.replace("-", "") if identifier else hashlib.sha256(key.encode()).hexdigest()[:_DIGEST_CHARS]


def _state(cob: PixCob, expires_ms: int, now_ms: int) -> RecordState:
    """The API has no status for a charge whose time is over."""
    if cob.pix or cob.status == "CONCLUIDA":
        return "captured"
    if cob.status in REMOVED:
        return "voided"
    return "expired" if now_ms > expires_ms else "pending"


def _charge(cob: PixCob, expires_ms: int) -> PixCharge | None:
    if cob.payload is None:
        return None
    return PixCharge(id=cob.txid, payload=cob.payload, expires_at=rfc3339(expires_ms), test_pay_url=cob.test_pay_url)
