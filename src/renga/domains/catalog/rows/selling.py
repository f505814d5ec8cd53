"""Pure: reads a native row's media, SEO texts, publications and scheduled prices."""

import re
from collections.abc import Collection
from typing import Any, Literal, cast

from renga.domains.catalog.contract import EVERYWHERE, NO_SEO, Media, Publication, ScheduledPrice, Seo
from renga.domains.catalog.model import limits
from renga.domains.catalog.rows.reading import Reading
from renga.domains.catalog.rows.variants import read_span

_TAX_CODE = re.compile(r"[A-Za-z0-9.]*[A-Za-z0-9][A-Za-z0-9.]*")
MEDIA_KINDS = ("image", "video", "document")


def media_of(reading: Reading, value: Any) -> tuple[Media, ...]:
    found = []
    for at, row in reading.entries("media", value, limits.MEDIA_MAX, ("url", "kind", "alt", "width", "height")):
        url = reading.image(f"{at}.url", row.get("url"))
        if url is None and not reading.has_problem(f"{at}.url"):
            reading.problem(f"{at}.url", "is missing")
        kind = reading.choice(f"{at}.kind", row.get("kind"), MEDIA_KINDS) or "image"
        found.append(
            Media(
                url=url or "",
                kind=cast(Literal["image", "video", "document"], kind),
                alt=reading.texts(f"{at}.alt", row.get("alt"), limits.TITLE_CHARS_MAX),
                width=reading.integer(f"{at}.width", row.get("width"), limits.PIXELS_MAX, "pixels", 1),
                height=reading.integer(f"{at}.height", row.get("height"), limits.PIXELS_MAX, "pixels", 1),
            )
        )
    return tuple(found)


def seo_of(reading: Reading, value: Any) -> Seo:
    if value is None or not reading.known("seo", value, ("title", "description")):
        return NO_SEO
    seo = Seo(
        title=reading.texts("seo.title", value.get("title"), limits.TITLE_CHARS_MAX),
        description=reading.texts("seo.description", value.get("description"), limits.DESCRIPTION_CHARS_MAX),
    )
    return NO_SEO if seo == NO_SEO else seo


def is_tax_code(text: str) -> bool:
    """Letters, digits and dots, as in NCM, HS and the codes of tax providers."""
    return len(text) <= limits.TAX_CODE_CHARS_MAX and _TAX_CODE.fullmatch(text) is not None


def tax_code_of(reading: Reading, value: Any) -> str | None:
    """A number is refused, because it may have lost zeros at its start (NCM 09012100)."""
    code = reading.text("tax_code", value, limits.TAX_CODE_CHARS_MAX)
    if code and not reading.has_problem("tax_code") and not is_tax_code(code):
        reading.problem("tax_code", f"{code!r} must be letters a-z, digits and dots, such as 09012100 or 0901.21.00")
    return code


def publications_of(reading: Reading, value: Any) -> tuple[Publication, ...]:
    found = []
    names = ("channel", "from_at", "until_at")
    for at, row in reading.entries("publications", value, limits.PUBLICATIONS_MAX, names):
        channel = row.get("channel")
        if channel != EVERYWHERE:
            channel = reading.code(f"{at}.channel", channel)
        if channel is None and not reading.has_problem(f"{at}.channel"):
            reading.problem(f"{at}.channel", "is missing")
        from_at, until_at = read_span(reading, at, row)
        found.append(Publication(channel=channel or "", from_at=from_at, until_at=until_at))
    return tuple(found)


def scheduled_of(reading: Reading, value: Any, skus: Collection[str]) -> tuple[ScheduledPrice, ...] | None:
    """None if the row omits it: scheduled prices then stay unchanged."""
    if value is None:
        return None
    found: dict[tuple[str, str, str], ScheduledPrice] = {}
    for at, row in reading.entries("scheduled", value, limits.SCHEDULED_MAX, ("sku", "currency", "amount", "at")):
        change = _scheduled(reading, at, row, skus)
        key = (change.at, change.sku, change.currency)
        if key in found:
            reading.problem(at, f"{change.sku!r} has two prices in {change.currency} at {change.at}")
        found[key] = change
    return tuple(found[key] for key in sorted(found))


def _scheduled(reading: Reading, at: str, row: dict[str, Any], skus: Collection[str]) -> ScheduledPrice:
    sku = reading.sku(f"{at}.sku", row.get("sku"))
    if sku not in skus and not reading.has_problem(f"{at}.sku"):
        reading.problem(f"{at}.sku", f"{str(sku)[:40]!r} is no variant of this product")
    if "amount" not in row:
        reading.problem(f"{at}.amount", "is missing (null: no longer sold in this currency)")
    moment = reading.moment(f"{at}.at", row.get("at"))
    if moment is None and not reading.has_problem(f"{at}.at"):
        reading.problem(f"{at}.at", "is missing")
    return ScheduledPrice(
        sku=sku or "",
        currency=reading.currency(f"{at}.currency", row.get("currency")),
        amount=reading.amount(f"{at}.amount", row.get("amount")),
        at=moment or "",
    )
