"""View model of facets (pure), with the URLs that select and deselect their values."""

from collections.abc import Iterable, Iterator

import msgspec

from renga.domains.search.contract import Facet, Range
from renga.frontends.web.formats import money_text, number_text
from renga.frontends.web.i18n import Translator
from renga.frontends.web.question import ListingQuestion, address, bound_text, toggled, without
from renga.kernel.money import Money

#: Values shown initially; the others fold out.
SHOWN_MAX = 7
#: Facets shown initially on a wide screen.
OPEN_MAX = 5
#: Width and height of the histogram's drawing.
_BARS_WIDTH, _BARS_HEIGHT = 200, 36


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """One value. ``url`` toggles its selection."""

    value: str
    label: str
    count: str
    chosen: bool
    url: str


class Bar(msgspec.Struct, frozen=True):
    """One bar of a histogram, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """A range: ``least`` and ``greatest`` formatted for display, the selected bounds as field values."""

    least: str
    greatest: str
    from_value: str
    to_value: str
    bars: tuple[Bar, ...]


class FacetView(msgspec.Struct, frozen=True, kw_only=True):
    """A facet on a page; ``name`` is its form fields' name."""

    name: str
    label: str
    values: tuple[Value, ...] = ()
    more: tuple[Value, ...] = ()
    bounds: Bounds | None = None
    open: bool = False


class Chosen(msgspec.Struct, frozen=True):
    """An active filter, and the URL without it."""

    text: str
    url: str


def facets_view(
    facets: Iterable[Facet], question: ListingQuestion, path: str, currency: str, t: Translator
) -> list[FacetView]:
    """The facets with more than one choice, in search's order."""
    shown: list[FacetView] = []
    for facet in facets:
        view = _view(facet, question, path, currency, t, is_open=len(shown) < OPEN_MAX)
        if view is not None:
            shown.append(view)
    return shown


def _view(
    facet: Facet, question: ListingQuestion, path: str, currency: str, t: Translator, *, is_open: bool
) -> FacetView | None:
    chosen = any(one.facet == facet.facet for one in question.filters)
    label = label_of(facet, t)
    if facet.range is not None:
        bounds = _bounds(facet.facet, facet.range, question, currency, t)
        if not chosen and facet.range.least == facet.range.greatest:
            return None
        return FacetView(name=facet.facet, label=label, bounds=bounds, open=is_open or chosen)
    values = tuple(
        Value(
            value=bucket.value,
            label=_value_label(facet.facet, bucket.label, t),
            count=number_text(bucket.count, t.language),
            chosen=bucket.selected,
            url=address(path, toggled(question, facet.facet, bucket.value), currency),
        )
        for bucket in facet.buckets
    )
    if not chosen and len(values) < 2:
        return None
    return FacetView(
        name=facet.facet,
        label=label,
        values=values[:SHOWN_MAX],
        more=values[SHOWN_MAX:],
        open=is_open or chosen,
    )


def label_of(facet: Facet, t: Translator) -> str:
    """The shop's label for a facet, else the catalogue's."""
    kind, _, code = facet.facet.partition(".")
    for key in (f"facet.{facet.facet}", f"option.{code}" if kind == "option" else ""):
        if key and key in t:
            return t(key)
    unit = f" ({facet.unit})" if facet.unit else ""
    words = facet.label.replace("_", " ").strip() or code
    return words[:1].upper() + words[1:] + unit


def _value_label(facet: str, label: str, t: Translator) -> str:
    if facet == "availability" and f"availability.{label}" in t:
        return t(f"availability.{label}")
    if label in ("true", "false"):
        return t("fact.yes") if label == "true" else t("fact.no")
    return label


def _bounds(facet: str, found: Range, question: ListingQuestion, currency: str, t: Translator) -> Bounds:
    asked = next((one for one in question.filters if one.facet == facet), None)
    ends = (asked.at_least, asked.at_most) if asked else (None, None)
    fields = [bound_text(facet, end, currency) if end is not None else "" for end in ends]
    return Bounds(
        least=_number(facet, found.least, currency, t),
        greatest=_number(facet, found.greatest, currency, t),
        from_value=fields[0],
        to_value=fields[1],
        bars=tuple(_bars(found)),
    )


def _bars(found: Range) -> Iterator[Bar]:
    most = max((count for _, _, count in found.parts), default=0)
    if len(found.parts) < 2 or not most:
        return
    width = _BARS_WIDTH / len(found.parts)
    for place, (_, _, count) in enumerate(found.parts):
        # a bucket that is not empty stays visible
        height = max(2.0, _BARS_HEIGHT * count / most) if count else 0.0
        yield Bar(round(place * width, 2), round(_BARS_HEIGHT - height, 2), round(width - 2, 2), round(height, 2))


def _number(facet: str, number: float, currency: str, t: Translator) -> str:
    if facet == "price":
        return money_text(Money(round(number), currency), t.language)
    return number_text(number, t.language)


def chosen_view(
    facets: Iterable[Facet], question: ListingQuestion, path: str, currency: str, t: Translator
) -> list[Chosen]:
    """The active filters, each with the URL that removes it."""
    by_name = {facet.facet: facet for facet in facets}
    shown: list[Chosen] = []
    for one in question.filters:
        facet = by_name.get(one.facet) or Facet(facet=one.facet, label=one.facet.rpartition(".")[2], kind="terms")
        label = label_of(facet, t)
        labels = {bucket.value: _value_label(one.facet, bucket.label, t) for bucket in facet.buckets}
        for value in one.values:
            url = address(path, toggled(question, one.facet, value), currency)
            shown.append(Chosen(f"{label}: {labels.get(value) or _value_label(one.facet, value, t)}", url))
        if not one.values:
            ends = [None if e is None else _number(one.facet, e, currency, t) for e in (one.at_least, one.at_most)]
            shown.append(Chosen(_range_text(label, ends, t), address(path, without(question, one.facet), currency)))
    return shown


def _range_text(label: str, ends: list[str | None], t: Translator) -> str:
    least, most = ends
    if least and most:
        return t("filter.between", label=label, least=least, most=most)
    return t("filter.at_least", label=label, least=least) if least else t("filter.at_most", label=label, most=most)
