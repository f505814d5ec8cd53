"""Objects of the Pix API, as far as we use them; the names on the wire are the API's."""

from typing import Annotated, Literal

import msgspec

#: Ids go to our database: only what the API's patterns allow.
Txid = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{1,35}\Z")]
EndToEndId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{32}\Z")]
ReturnId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{1,35}\Z")]
Value = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,10}\.[0-9]{2}\Z")]
Instant = Annotated[str, msgspec.Meta(max_length=40)]
CobStatus = Literal["ATIVA", "CONCLUIDA", "REMOVIDA_PELO_USUARIO_RECEBEDOR", "REMOVIDA_PELO_PSP"]
ReturnStatus = Literal["EM_PROCESSAMENTO", "DEVOLVIDO", "NAO_REALIZADO"]


class PixReturnTimes(msgspec.Struct, frozen=True):
    solicitacao: Instant | None = None


class PixReturn(msgspec.Struct, frozen=True):
    """A devolução: money that went back."""

    id: ReturnId
    valor: Value
    status: ReturnStatus
    motivo: str | None = None
    horario: PixReturnTimes | None = None


class PixReceived(msgspec.Struct, frozen=True, rename={"end_to_end_id": "endToEndId"}):
    """A Pix that arrived. Without ``txid`` it was not paid for a charge."""

    end_to_end_id: EndToEndId
    valor: Value
    horario: Instant
    txid: Txid | None = None
    devolucoes: tuple[PixReturn, ...] = ()


class PixValue(msgspec.Struct, frozen=True):
    original: Value


class PixCalendar(
    msgspec.Struct, frozen=True, rename={"due_on": "dataDeVencimento", "valid_days": "validadeAposVencimento"}
):
    """``expiracao``: seconds after ``criacao`` (cob); ``due_on`` and days after it (cobv)."""

    criacao: Instant
    expiracao: Annotated[int, msgspec.Meta(ge=0, le=2_147_483_647)] | None = None
    due_on: str | None = None
    valid_days: Annotated[int, msgspec.Meta(ge=0, le=10_000)] | None = None


class PixCob(msgspec.Struct, frozen=True, rename={"payload": "pixCopiaECola"}):
    """A charge, immediate (cob) or with a due date (cobv). Only the simulated provider gives ``test_pay_url``."""

    txid: Txid
    status: CobStatus
    calendario: PixCalendar
    valor: PixValue
    payload: str | None = None
    pix: tuple[PixReceived, ...] = ()
    test_pay_url: str | None = None


class PixPages(msgspec.Struct, frozen=True, rename={"pages": "quantidadeDePaginas"}):
    pages: int = 1


class PixParameters(msgspec.Struct, frozen=True):
    paginacao: PixPages = PixPages()


class PixCobPage(msgspec.Struct, frozen=True):
    parametros: PixParameters = PixParameters()
    cobs: tuple[PixCob, ...] = ()


class PixReceivedPage(msgspec.Struct, frozen=True):
    parametros: PixParameters = PixParameters()
    pix: tuple[PixReceived, ...] = ()


class PixViolation(msgspec.Struct, frozen=True):
    propriedade: str = ""
    razao: str = ""


class PixErrorBody(msgspec.Struct, frozen=True):
    """An error of the API (RFC 9457)."""

    title: str = ""
    detail: str = ""
    violacoes: tuple[PixViolation, ...] = ()


class PixToken(msgspec.Struct, frozen=True):
    access_token: Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e]{1,8000}\Z")]
    expires_in: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 300


class PixMessage(msgspec.Struct, frozen=True):
    """The body of a webhook."""

    pix: Annotated[tuple[PixReceived, ...], msgspec.Meta(max_length=1000)]
