"""Charges, their removal and devoluções at the Pix API."""

import re
from typing import Any

from renga.domains.payments.contract.payments import DeclineReason
from renga.domains.payments.ports.provider import Authorise, Outcome, OutcomeKind, ProviderRecord, Refund, Void
from renga.domains.payments.providers.pix.client import PixClient, PixRefused
from renga.domains.payments.providers.pix.objects import PixCob, PixErrorBody, PixReceived, PixReturn
from renga.domains.payments.providers.pix.records import (
    DEFAULT_LIFE_S,
    DUE,
    IMMEDIATE,
    REMOVED,
    left_of,
    record_of,
    return_id_of,
    returns_of,
    txid_of,
    value_of,
)

#: Characters of what the payer reads in the bank's application.
REQUEST_CHARS_MAX = 140
_TXID = re.compile(r"[A-Za-z0-9]{1,35}")
CPF_CHARS, CNPJ_CHARS = 11, 14
_RETURNS: dict[str, OutcomeKind] = {"DEVOLVIDO": "accepted", "EM_PROCESSAMENTO": "pending"}


async def charge(client: PixClient, order: Authorise, chave: str, now_ms: int) -> Outcome:
    """Make a charge, or find the one that the key made. Raises PixRefused, PixUnreached, PixUnclear, ValueError."""
    txid = txid_of(order.key, IMMEDIATE if order.due_on is None else DUE)
    payer = _payer(order)
    if order.due_on is not None and payer is None:
        return Outcome(kind="refused", reason="method_unavailable", detail="a due date needs the payer's name and CPF")
    body = {
        "calendario": _calendar(order),
        "valor": {"original": value_of(order.amount.amount)},
        "chave": chave,
        "solicitacaoPagador": order.reference[:REQUEST_CHARS_MAX],
    } | ({"devedor": payer} if payer else {})
    try:
        made = await client.send("PUT", path_of(txid), PixCob, body)
    except PixRefused as refused:
        found = await read_cob(client, txid)
        if found is None:
            raise
        if found.valor.original != value_of(order.amount.amount):
            raise refused from None
        made = found
    return outcome_of_record(record_of(made, now_ms))


async def remove(client: PixClient, order: Void, now_ms: int) -> Outcome:
    """Withdraw a charge that is not paid. Raises PixRefused, PixUnreached, PixUnclear, ValueError."""
    try:
        removed = await client.send("PATCH", path_of(order.ref), PixCob, {"status": "REMOVIDA_PELO_USUARIO_RECEBEDOR"})
    except PixRefused:
        found = await read_cob(client, order.ref)
        if found is None or found.status not in REMOVED:
            raise
        removed = found
    return Outcome(kind="accepted", record=record_of(removed, now_ms))


async def give_back(client: PixClient, order: Refund, now_ms: int) -> Outcome:
    """Raises PixRefused, PixUnreached, PixUnclear, ValueError."""
    cob, wanted = await read_cob(client, order.ref), return_id_of(order.key)
    if cob is None:
        return Outcome(kind="refused", reason="provider_error", detail="there is no such charge")
    received = _source(cob, wanted, order.amount.amount)
    if received is None:
        return Outcome(kind="refused", reason="amount_invalid", record=record_of(cob, now_ms))
    path = f"/pix/{received.end_to_end_id}/devolucao/{wanted}"
    try:
        made = await client.send("PUT", path, PixReturn, {"valor": value_of(order.amount.amount)})
    except PixRefused:
        # the same id again is refused by some providers
        after = await read_cob(client, order.ref)
        found = None if after is None else return_of(after, wanted)
        if after is None or found is None or found.valor != value_of(order.amount.amount):
            raise
        return outcome_of_return(found, record_of(after, now_ms))
    after = await read_cob(client, order.ref)
    return outcome_of_return(made, record_of(after or cob, now_ms))


async def read_cob(client: PixClient, txid: str) -> PixCob | None:
    """Raises PixRefused, PixUnreached, PixUnclear."""
    try:
        return await client.send("GET", path_of(txid), PixCob)
    except PixRefused as error:
        if error.status == 404:
            return None
        raise


def path_of(txid: str) -> str:
    """The path of a charge. Raises PixRefused (404) for what is no txid."""
    if _TXID.fullmatch(txid) is None:
        raise PixRefused(404, PixErrorBody(title="this is no txid"))
    return f"/{'cobv' if txid.startswith(DUE) else 'cob'}/{txid}"


def return_of(cob: PixCob, identifier: str) -> PixReturn | None:
    return next((one for one in returns_of(cob) if one.id == identifier), None)


def outcome_of_record(record: ProviderRecord) -> Outcome:
    if record.state == "pending" and record.pix is None:
        return Outcome(kind="refused", reason="provider_error", record=record, detail="no code to pay with")
    kinds: dict[str, OutcomeKind] = {"captured": "accepted", "pending": "pending"}
    kind = kinds.get(record.state, "refused")
    reason: DeclineReason | None = None
    if kind == "refused":
        reason = "expired" if record.state == "expired" else "cancelled"
    return Outcome(kind=kind, reason=reason, record=record)


def outcome_of_return(made: PixReturn, record: ProviderRecord) -> Outcome:
    kind = _RETURNS.get(made.status, "refused")
    return Outcome(
        kind=kind, reason="provider_error" if kind == "refused" else None, record=record, detail=made.motivo or ""
    )


def reason_of(refused: PixRefused) -> DeclineReason:
    """By what the provider found wrong."""
    parts = {part for violation in refused.problem.violacoes for part in violation.propriedade.split(".")}
    return "amount_invalid" if "valor" in parts else "provider_error"


def _source(cob: PixCob, identifier: str, amount: int) -> PixReceived | None:
    """The Pix that money goes back from: the one that has this devolução already, else one that has enough left."""
    for one in cob.pix:
        if any(each.id == identifier for each in one.devolucoes):
            return one
    return next((one for one in cob.pix if left_of(one) >= amount), None)


def _calendar(order: Authorise) -> dict[str, Any]:
    if order.due_on is not None:
        return {"dataDeVencimento": order.due_on, "validadeAposVencimento": 0}
    return {"expiracao": order.expires_in_s or DEFAULT_LIFE_S}


def _payer(order: Authorise) -> dict[str, str] | None:
    """The API wants a name and a CPF or CNPJ, or neither."""
    tax_id = "".join(char for char in (order.payer.tax_id or "") if char.isalnum())
    kind = {CPF_CHARS: "cpf", CNPJ_CHARS: "cnpj"}.get(len(tax_id))
    return {kind: tax_id, "nome": order.payer.name[:200]} if kind and order.payer.name else None
