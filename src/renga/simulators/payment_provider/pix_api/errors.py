"""Errors of the Pix API, in the standard's form (RFC 7807 with ``violacoes``)."""

from renga.simulators.payment_provider.model.charge import ProviderProblem
from renga.simulators.payment_provider.wire import ProviderAnswer, encode_json

_BASE = "https://pix.bcb.gov.br/api/v2/error/"
_TITLES = {
    "AcessoNegado": "Acesso Negado.",
    "CobOperacaoInvalida": "Cobrança inválida.",
    "CobVOperacaoInvalida": "Cobrança inválida.",
    "CobConsultaInvalida": "Consulta inválida.",
    "NaoEncontrado": "Não Encontrado.",
    "PixDevolucaoInvalida": "Devolução inválida.",
    "WebhookOperacaoInvalida": "Webhook inválido.",
    "ErroInternoDoServidor": "Condição inesperada ao processar requisição.",
}


class PixApiProblem(ProviderProblem):
    """``code`` is the last part of the standard's ``type``; ``field`` is named in ``violacoes``."""

    def __init__(self, status: int, code: str, detail: str, field: str = "") -> None:
        super().__init__(status, code, detail, **({"field": field} if field else {}))


def pix_problem_answer(problem: ProviderProblem) -> ProviderAnswer:
    """Any error as the standard tells it."""
    code = problem.code if isinstance(problem, PixApiProblem) else _code_of(problem.status)
    status = 400 if problem.status == 422 else problem.status
    said: dict[str, object] = {
        "type": _BASE + code, "title": _TITLES.get(code, code), "status": status, "detail": problem.detail
    }  # fmt: skip
    field = problem.members.get("field")
    if field:
        said["violacoes"] = [{"razao": problem.detail, "propriedade": field}]
    return ProviderAnswer(status, encode_json(said), b"application/problem+json")


def _code_of(status: int) -> str:
    if status in (404, 405):
        return "NaoEncontrado"
    return "ErroInternoDoServidor" if status >= 500 else "CobOperacaoInvalida"
