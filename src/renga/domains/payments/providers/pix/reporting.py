"""Lists of the Pix API for reconciliation."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from renga.domains.payments.ports.provider import ProviderRecord
from renga.domains.payments.providers.pix.charges import read_cob
from renga.domains.payments.providers.pix.client import PixClient, PixUnclear
from renga.domains.payments.providers.pix.objects import PixCob, PixCobPage, PixReceived, PixReceivedPage
from renga.domains.payments.providers.pix.records import DUE, IMMEDIATE, record_of
from renga.kernel.clock import from_rfc3339

PAGE_ITEMS, PAGES_MAX = 100, 500
#: For so long after a Pix money can go back.
RETURN_DAYS = 90
Bounds = tuple[datetime, datetime]


async def records(client: PixClient, day: str, now_ms: int) -> AsyncIterator[ProviderRecord]:
    """Charges made on a day, and older ones that were paid or given back on it. Raises PixRefused, PixUnreached, PixUnclear,
    ValueError.
    """
    start = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    bounds = (start, start + timedelta(days=1))
    told: set[str] = set()
    for path in ("/cob", "/cobv"):
        async for cob in _charges(client, path, bounds):
            if cob.txid not in told:
                told.add(cob.txid)
                yield record_of(cob, now_ms)
    async for txid in _moved(client, bounds):
        if txid not in told and txid[:1] in (IMMEDIATE, DUE):
            told.add(txid)
            if (found := await read_cob(client, txid)) is not None:
                yield record_of(found, now_ms)


async def _charges(client: PixClient, path: str, bounds: Bounds) -> AsyncIterator[PixCob]:
    for number in range(PAGES_MAX):
        page = await client.send("GET", path, PixCobPage, params=_query(bounds, number))
        for cob in page.cobs:
            if _within(cob.calendario.criacao, bounds):
                yield cob
        if number + 1 >= page.parametros.paginacao.pages:
            return
    raise PixUnclear(f"{path} has more than {PAGES_MAX} pages")


async def _moved(client: PixClient, bounds: Bounds) -> AsyncIterator[str]:
    """The charges that were paid within the bounds, and those of which money went back."""
    async for one in _received(client, bounds, {}):
        if one.txid is not None:
            yield one.txid
    longer = (bounds[0] - timedelta(days=RETURN_DAYS), bounds[1])
    async for one in _received(client, longer, {"devolucaoPresente": "true"}):
        times = (each.horario.solicitacao for each in one.devolucoes if each.horario and each.horario.solicitacao)
        if one.txid is not None and any(_within(time, bounds) for time in times):
            yield one.txid


async def _received(client: PixClient, bounds: Bounds, filters: dict[str, str]) -> AsyncIterator[PixReceived]:
    for number in range(PAGES_MAX):
        page = await client.send("GET", "/pix", PixReceivedPage, params=_query(bounds, number) | filters)
        for one in page.pix:
            yield one
        if number + 1 >= page.parametros.paginacao.pages:
            return
    raise PixUnclear(f"/pix has more than {PAGES_MAX} pages")


def _query(bounds: Bounds, page: int) -> dict[str, str | int]:
    first, after = (each.isoformat(timespec="milliseconds").replace("+00:00", "Z") for each in bounds)
    return {
        "inicio": first,
        "fim": after,
        "paginacao.paginaAtual": page,
        "paginacao.itensPorPagina": PAGE_ITEMS,
    }


def _within(time: str, bounds: Bounds) -> bool:
    return bounds[0].timestamp() * 1000 <= from_rfc3339(time) < bounds[1].timestamp() * 1000
