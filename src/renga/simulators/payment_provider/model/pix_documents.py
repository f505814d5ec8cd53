"""What the Pix API is told, with the standard's names (API Pix 2.x of the Central Bank of Brazil, in Portuguese)."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Valor = Annotated[str, Meta(pattern=r"^\d{1,10}\.\d{2}\Z")]
_Chave = Annotated[str, Meta(min_length=1, max_length=77)]
TXID = r"[a-zA-Z0-9]{26,35}"
DEVOLUCAO_ID = r"[a-zA-Z0-9]{1,35}"


class Devedor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is to pay: exactly one of ``cpf`` and ``cnpj``, with ``nome``."""

    cpf: Annotated[str, Meta(pattern=r"^\d{11}\Z")] | None = None
    cnpj: Annotated[str, Meta(pattern=r"^[A-Z0-9]{12}\d{2}\Z")] | None = None
    nome: Annotated[str, Meta(max_length=200)] = ""
    email: Annotated[str, Meta(max_length=200)] | None = None
    logradouro: Annotated[str, Meta(max_length=200)] | None = None
    cidade: Annotated[str, Meta(max_length=200)] | None = None
    uf: Annotated[str, Meta(max_length=2)] | None = None
    cep: Annotated[str, Meta(max_length=8)] | None = None


class Calendario(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``expiracao`` (seconds) of a cob; the others of a cobv."""

    expiracao: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    data_de_vencimento: Annotated[str, Meta(max_length=10)] | None = None
    validade_apos_vencimento: Annotated[int, Meta(ge=0, le=3_650)] | None = None


class ValorDaCobranca(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``original`` is what is to be paid. The other members of a cobv are kept and not applied."""

    original: Valor
    modalidade_alteracao: Annotated[int, Meta(ge=0, le=1)] | None = None
    multa: dict[str, Any] | None = None
    juros: dict[str, Any] | None = None
    abatimento: dict[str, Any] | None = None
    desconto: dict[str, Any] | None = None


class InfoAdicional(msgspec.Struct, frozen=True):
    nome: Annotated[str, Meta(max_length=50)]
    valor: Annotated[str, Meta(max_length=200)]


_Informacoes = Annotated[tuple[InfoAdicional, ...], Meta(max_length=50)]
_Solicitacao = Annotated[str, Meta(max_length=140)]


class NovaCobranca(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A body of PUT and POST."""

    valor: ValorDaCobranca
    chave: _Chave
    calendario: Calendario = Calendario()
    devedor: Devedor | None = None
    solicitacao_pagador: _Solicitacao | None = None
    info_adicionais: _Informacoes = ()


class CobrancaRevisada(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A body of PATCH: only what changes."""

    status: Literal["REMOVIDA_PELO_USUARIO_RECEBEDOR"] | None = None
    valor: ValorDaCobranca | None = None
    chave: _Chave | None = None
    calendario: Calendario | None = None
    devedor: Devedor | None = None
    solicitacao_pagador: _Solicitacao | None = None
    info_adicionais: _Informacoes | None = None


class NovaDevolucao(msgspec.Struct, frozen=True, kw_only=True):
    valor: Valor
    natureza: Literal["ORIGINAL", "RETIRADA"] = "ORIGINAL"
    descricao: Annotated[str, Meta(max_length=140)] | None = None


class NovoWebhook(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    webhook_url: Annotated[str, Meta(max_length=2_000, pattern=r"^https?://[^\s<>\"'\\]+\Z")]


class CobDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A charge of the Pix API as it is kept. ``charge`` is the payment that has its money; ``digest`` of the first request."""

    txid: str
    kind: Literal["cob", "cobv"]
    charge: str
    created_ms: int
    location: str
    asked: NovaCobranca
    digest: bytes
    revision: int = 0
    removed: bool = False
