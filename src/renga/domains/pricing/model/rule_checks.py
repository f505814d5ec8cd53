"""Are tax tables and policies such that quotes can follow them?"""

import re
from datetime import date
from zoneinfo import ZoneInfo

from renga.domains.pricing.contract import (
    STANDARD_CATEGORY,
    PolicyInvalid,
    PricingPolicy,
    TaxTables,
    TaxTablesInvalid,
    TaxZone,
)
from renga.kernel.money import CURRENCIES

TEXT_CHARS_MAX = 100
_COUNTRY = re.compile("[A-Z]{2}")
_REGION = re.compile("[A-Z0-9]{1,3}")


def checked_tables(tables: TaxTables) -> TaxTables:
    """Raises TaxTablesInvalid (``field`` says which)."""
    zones = [zone.id for zone in tables.zones]
    if len(set(zones)) < len(zones) or not all(zones):
        raise TaxTablesInvalid("zones have different ids, none empty", field="zones")
    for number, zone in enumerate(tables.zones):
        _check_zone(zone, f"zones[{number}]")
    for number, rate in enumerate(tables.rates):
        if rate.zone not in zones:
            raise TaxTablesInvalid(f"there is no zone {rate.zone[:40]!r}", field=f"rates[{number}].zone")
        if not _is_text(rate.category) or not _is_text(rate.name):
            raise TaxTablesInvalid("a rate has a category and a name", field=f"rates[{number}]")
        _check_days(rate.starts_on, rate.ends_on, f"rates[{number}]")
    _check_standard(tables)
    _check_twice(tables)
    return tables


def _check_zone(zone: TaxZone, field: str) -> None:
    """What no destination ever has would leave its zone without taxes."""
    if not _is_text(zone.id):
        raise TaxTablesInvalid(f"has {TEXT_CHARS_MAX} characters that can be printed, at most", field=f"{field}.id")
    if not all(_COUNTRY.fullmatch(one) for one in zone.countries):
        raise TaxTablesInvalid("countries are two capital letters of ISO 3166-1", field=f"{field}.countries")
    if not all(_REGION.fullmatch(one) for one in zone.regions):
        raise TaxTablesInvalid("regions are those of ISO 3166-2 without the country (SP)", field=f"{field}.regions")
    if not all(one.isascii() and any(map(str.isalnum, one)) for one in zone.postal_prefixes):
        raise TaxTablesInvalid("prefixes begin a postal code", field=f"{field}.postal_prefixes")


def _check_twice(tables: TaxTables) -> None:
    """Rates of one category are added up; one tax that stands there twice would be paid twice."""
    taxes: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for number, rate in enumerate(tables.rates):
        starts, ends = rate.starts_on or "", rate.ends_on or "~"
        earlier = taxes.setdefault((rate.zone, rate.category, rate.name), [])
        if any(starts < end and start < ends for start, end in earlier):
            raise TaxTablesInvalid("is there twice for the same days", field=f"rates[{number}]")
        earlier.append((starts, ends))


def _is_text(text: str) -> bool:
    return 1 <= len(text) <= TEXT_CHARS_MAX and text.isprintable() and text.strip() == text


def _check_standard(tables: TaxTables) -> None:
    """A zone that taxes anything taxes ``standard``: else a new category would silently have no tax."""
    standard = {rate.zone for rate in tables.rates if rate.category == STANDARD_CATEGORY}
    for number, rate in enumerate(tables.rates):
        if rate.zone not in standard:
            raise TaxTablesInvalid(
                f"its zone has no rate of the category {STANDARD_CATEGORY!r}", field=f"rates[{number}]"
            )


def _check_days(starts_on: str | None, ends_on: str | None, field: str) -> None:
    for name, text in (("starts_on", starts_on), ("ends_on", ends_on)):
        if text is not None and not _is_day(text):
            raise TaxTablesInvalid("is a day such as 2027-01-31", field=f"{field}.{name}")
    if starts_on is not None and ends_on is not None and starts_on >= ends_on:
        raise TaxTablesInvalid("ends_on is after starts_on", field=f"{field}.ends_on")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def checked_policy(policy: PricingPolicy) -> PricingPolicy:
    """Raises PolicyInvalid (``field`` says which)."""
    country = policy.seller_country
    if country and not _COUNTRY.fullmatch(country):
        raise PolicyInvalid("is two capital letters of ISO 3166-1, or empty", field="seller_country")
    try:
        ZoneInfo(policy.time_zone)
    except (ValueError, OSError, KeyError) as error:
        raise PolicyInvalid("is an IANA time zone such as America/Sao_Paulo", field="time_zone") from error
    for number, rate in enumerate(policy.rates):
        if not {rate.base, rate.quote} <= CURRENCIES or rate.base == rate.quote:
            raise PolicyInvalid("two currencies of ISO 4217", field=f"rates[{number}]")
        if not _is_text(rate.source):
            raise PolicyInvalid("says who published the rate", field=f"rates[{number}].source")
        if not _is_day(rate.date):
            raise PolicyInvalid("is a day such as 2027-01-31", field=f"rates[{number}].date")
    return policy
