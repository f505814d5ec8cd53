"""Lists of the Pix API: a period, and pages by number."""

from typing import Any

from renga.kernel.clock import from_rfc3339
from renga.simulators.payment_provider.pix_api.errors import PixApiProblem
from renga.simulators.payment_provider.wire import ProviderAnswer, ProviderRequest, json_answer

ITEMS, ITEMS_MAX = 100, 1_000
_PAGE, _ITEMS = "paginacao.paginaAtual", "paginacao.itensPorPagina"


def period_of(request: ProviderRequest) -> tuple[int, int]:
    """``inicio`` and ``fim`` in milliseconds. Raises PixApiProblem."""
    try:
        start, end = from_rfc3339(request.query.get("inicio", "")), from_rfc3339(request.query.get("fim", ""))
    except ValueError as error:
        raise PixApiProblem(400, "CobConsultaInvalida", f"inicio and fim are moments: {error}", "inicio") from None
    if end < start:
        raise PixApiProblem(400, "CobConsultaInvalida", "fim is before inicio", "fim")
    return start, end


def listed(request: ProviderRequest, name: str, items: list[dict[str, Any]]) -> ProviderAnswer:
    """One page of the items."""
    page, size = request.number(_PAGE, 0, 0, 1_000_000), request.number(_ITEMS, ITEMS, 1, ITEMS_MAX)
    period = {side: request.query[side] for side in ("inicio", "fim") if side in request.query}
    said: dict[str, Any] = {
        "parametros": {
            **period,
            "paginacao": {
                "paginaAtual": page,
                "itensPorPagina": size,
                "quantidadeDePaginas": -(-len(items) // size),
                "quantidadeTotalDeItens": len(items),
            },
        },
        name: items[page * size : (page + 1) * size],
    }
    return json_answer(said)
