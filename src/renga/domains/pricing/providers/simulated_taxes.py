"""A simulated tax provider: answers as services of others do, from rates of US states that are for tests and demos only."""

import asyncio

from renga.domains.pricing.contract import TaxAnswer, TaxRate, TaxRequest, TaxTables, TaxUnavailable, TaxZone
from renga.domains.pricing.model.tax_tables import table_taxes

NAME = "simulated"
#: Postal codes that begin so are for trying out failures: never an answer within a deadline, or an error.
SILENT, BROKEN = "00000", "99999"
SILENT_S = 3600.0

_RATES = {
    "CA": (("California", 72_500), ("County", 10_000)), "NY": (("New York", 40_000), ("City", 48_750)),
    "TX": (("Texas", 62_500),), "OR": (),
}  # fmt: skip
_TABLES = TaxTables(
    zones=tuple(TaxZone(id=f"US-{state}", countries=("US",), regions=(state,)) for state in _RATES),
    rates=tuple(
        TaxRate(zone=f"US-{state}", category="standard", name=name, rate_ppm=ppm)
        for state, rates in _RATES.items()
        for name, ppm in rates
    ),
)


class SimulatedTaxes:
    """Deterministic. ``reference`` is as a service would give it: made of the question."""

    async def tax(self, request: TaxRequest) -> TaxAnswer:
        code = request.destination.postal_code if request.destination else ""
        if code.startswith(SILENT):
            await asyncio.sleep(SILENT_S)
        if code.startswith(BROKEN):
            raise TaxUnavailable("the simulated provider fails for this postal code")
        answer = table_taxes(request, _TABLES)
        total = sum(one.gross - one.net for one in answer.amounts)
        return TaxAnswer(
            provider=NAME, amounts=answer.amounts, relief=answer.relief, notes=answer.notes,
            reference=f"sim-{request.date}-{total}",
        )  # fmt: skip
