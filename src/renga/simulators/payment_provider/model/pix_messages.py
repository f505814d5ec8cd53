"""Charges and received Pix with the standard's names, in answers and webhooks."""

from typing import Any

import msgspec

from renga.kernel.clock import rfc3339
from renga.simulators.payment_provider.model.charge import CapturedPart, Charge, RefundPart
from renga.simulators.payment_provider.model.pix_documents import CobDocument

_STATUS = {"pending": "EM_PROCESSAMENTO", "succeeded": "DEVOLVIDO", "failed": "NAO_REALIZADO"}
_TOLD = frozenset({"payment.captured", "payment.refunded", "refund.pending", "refund.failed"})
EXPIRACAO_S, VALIDADE_DAYS = 86_400, 30


def valor_of(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def cents_of(valor: str) -> int:
    return int(valor.replace(".", ""))


def cob_of(cob: CobDocument, charge: Charge, base: str) -> dict[str, Any]:
    """The charge as the standard tells it; ``test_pay_url`` is the simulator's own."""
    asked = msgspec.to_builtins(cob.asked)
    created = rfc3339(cob.created_ms)
    calendario: dict[str, Any] = {"criacao": created}
    if cob.kind == "cob":
        calendario["expiracao"] = cob.asked.calendario.expiracao or EXPIRACAO_S
    else:
        validade = cob.asked.calendario.validade_apos_vencimento
        calendario["dataDeVencimento"] = cob.asked.calendario.data_de_vencimento
        calendario["validadeAposVencimento"] = VALIDADE_DAYS if validade is None else validade
    said = {
        **{name: value for name, value in asked.items() if value not in (None, [])},
        "calendario": calendario,
        "txid": cob.txid,
        "revisao": cob.revision,
        "loc": {
            "id": int(charge.id[4:12], 16),
            "location": cob.location,
            "tipoCob": cob.kind,
            "criacao": created,
            "txid": cob.txid,
        },
        "location": cob.location,
        "status": status_of(cob, charge),
        "pixCopiaECola": charge.pix.payload if charge.pix else "",
        "test_pay_url": f"{base}/test/pay/{charge.id}",
    }
    if charge.captures:
        said["pix"] = [pix_of(charge, part) for part in charge.captures]
    return said


def status_of(cob: CobDocument, charge: Charge) -> str:
    """A charge that nobody paid in time stays ATIVA, as the standard has it."""
    if charge.captures:
        return "CONCLUIDA"
    return "REMOVIDA_PELO_USUARIO_RECEBEDOR" if cob.removed else "ATIVA"


def pix_of(charge: Charge, part: CapturedPart) -> dict[str, Any]:
    """One received Pix with its refunds."""
    said: dict[str, Any] = {
        "endToEndId": part.end_to_end,
        "txid": charge.pix.txid if charge.pix else "",
        "valor": valor_of(part.amount),
        "chave": charge.pix.key if charge.pix else "",
        "horario": rfc3339(part.at_ms),
    }
    refunds = [devolucao_of(one) for one in charge.refunds if one.part == part.id]
    if refunds:
        said["devolucoes"] = refunds
    return said


def devolucao_of(refund: RefundPart) -> dict[str, Any]:
    horario = {"solicitacao": rfc3339(refund.at_ms)}
    if refund.ended_ms is not None:
        horario["liquidacao"] = rfc3339(refund.ended_ms)
    said: dict[str, Any] = {
        "id": refund.name or refund.id.replace("_", ""),
        "rtrId": "D" + refund.id.removeprefix("re_").ljust(31, "0")[:31],
        "valor": valor_of(refund.amount),
        "natureza": "MED_FRAUDE" if refund.origin == "bank" else "ORIGINAL",
        "horario": horario,
        "status": _STATUS[refund.state],
    }
    if refund.reason and refund.origin == "shop":
        said["descricao"] = refund.reason
    if refund.state == "failed":
        said["motivo"] = "A devolução não pôde ser realizada"
    return said


def pix_message(charge: Charge, kind: str) -> bytes | None:
    """What a webhook about this event says; None: the standard says nothing."""
    if kind not in _TOLD or not charge.captures:
        return None
    if kind == "payment.captured":
        parts = [charge.captures[-1]]
    else:
        given_back = {refund.part for refund in charge.refunds}
        parts = [part for part in charge.captures if part.id in given_back]
    return msgspec.json.encode({"pix": [pix_of(charge, part) for part in parts]}) if parts else None
