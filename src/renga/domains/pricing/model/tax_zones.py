"""The rates of a destination: the most narrow zone, and the rates of a tax category on a date."""

from renga.domains.pricing.contract import STANDARD_CATEGORY, TaxRate, TaxTables, TaxZone
from renga.kernel.destination import Destination

#: Rates that are added up.
Rates = tuple[TaxRate, ...]


def zone_of(tables: TaxTables, destination: Destination) -> TaxZone | None:
    """The longest matching postal prefix, then a matching region, then the country; equal ones by id."""
    ranked = [(rank, zone) for zone in tables.zones if (rank := _rank(zone, destination)) is not None]
    best = max((rank for rank, _ in ranked), default=None)
    return min((zone for rank, zone in ranked if rank == best), key=lambda zone: zone.id, default=None)


def _rank(zone: TaxZone, destination: Destination) -> tuple[int, bool] | None:
    if destination.country not in zone.countries:
        return None
    if zone.regions and destination.region not in zone.regions:
        return None
    code = _postal(destination.postal_code)
    prefixes = [len(one) for one in map(_postal, zone.postal_prefixes) if one and code.startswith(one)]
    if zone.postal_prefixes and not prefixes:
        return None
    return max(prefixes, default=0), bool(zone.regions)


def _postal(code: str) -> str:
    return "".join(char for char in code.upper() if char.isalnum())


class ZoneRates:
    """The rates that apply in a zone on a date, by category."""

    def __init__(self, tables: TaxTables, destination: Destination | None, date: str) -> None:
        zone = zone_of(tables, destination) if destination is not None else None
        self._by_category: dict[str, list[TaxRate]] = {}
        self._found: dict[str | None, Rates] = {}
        for rate in tables.rates if zone is not None else ():
            if zone is not None and rate.zone == zone.id and _in_force(rate, date):
                self._by_category.setdefault(rate.category, []).append(rate)

    def of(self, category: str | None) -> Rates:
        """The rates of a category, by name; those of ``standard`` if it has none. One object for equal rates."""
        found = self._found.get(category)
        if found is None:
            own = self._by_category.get(category or STANDARD_CATEGORY, self._by_category.get(STANDARD_CATEGORY, []))
            rates = tuple(sorted(own, key=lambda rate: (rate.name, rate.rate_ppm)))
            found = self._found[category] = next((one for one in self._found.values() if one == rates), rates)
        return found


def _in_force(rate: TaxRate, date: str) -> bool:
    return (rate.starts_on is None or rate.starts_on <= date) and (rate.ends_on is None or date < rate.ends_on)
