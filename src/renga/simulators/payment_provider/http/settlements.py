"""``/v1/settlements/{day}``: what the provider pays out for a day (UTC), as JSON or CSV."""

import csv
import io

from renga.simulators.payment_provider.desk import ProviderDesk
from renga.simulators.payment_provider.http.idempotent import check_key
from renga.simulators.payment_provider.http.payments_api import origin_in
from renga.simulators.payment_provider.making import day_from
from renga.simulators.payment_provider.model.fees import day_of
from renga.simulators.payment_provider.wire import ProviderAnswer, ProviderRequest, Routes, json_answer

COLUMNS = ("id", "payment", "kind", "currency", "gross", "fee", "net", "number", "of")


class SettlementsApi:
    """A file is ``final`` once its day is over, and never changes after it was given out."""

    def __init__(self, desk: ProviderDesk) -> None:
        self._desk = desk

    def add_to(self, routes: Routes) -> None:
        routes.add("GET", "/v1/settlements/*", self._read)

    def _read(self, request: ProviderRequest) -> ProviderAnswer:
        check_key(self._desk, request)
        name = request.parts[0]
        as_csv = name.endswith(".csv") or b"text/csv" in request.headers.get(b"accept", b"")
        day = day_from(name.removesuffix(".csv"), "day").isoformat()
        final = day < day_of(self._desk.now_ms())
        if final:
            self._desk.close_day(day)
        lines = [
            {
                "id": row.line.id, "payment": row.charge, "kind": row.line.kind, "currency": row.currency,
                "gross": row.line.gross, "fee": row.line.fee, "net": row.line.net, "number": row.line.number, "of": row.line.of,
                "split": row.line.split,
            }
            for row in self._desk.charges.settled(day, origin_in(request))
        ]  # fmt: skip
        if as_csv:
            return ProviderAnswer(200, _csv(lines), b"text/csv; charset=utf-8")
        totals: dict[str, dict[str, int]] = {}
        for line in lines:
            sums = totals.setdefault(str(line["currency"]), {"gross": 0, "fee": 0, "net": 0})
            for name in sums:
                sums[name] += int(str(line[name]))
        return json_answer({"id": f"st_{day}", "day": day, "final": final, "totals": totals, "lines": lines})


def _csv(lines: list[dict[str, object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([line[column] for column in COLUMNS] for line in lines)
    return text.getvalue().encode()
