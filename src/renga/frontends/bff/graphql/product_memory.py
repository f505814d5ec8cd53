"""JSON of products in answers: what a query selects of a product, kept while the product is the same object.

Only of selections that depend on the product, the arguments and the reader's terms alone; see ``_Compiler`` in ``plan.py``. The
time of the question is not in the key, so products with dated prices are not remembered; nor is who asks, so neither are
prices that only managers see. The reader's customer groups are part of the terms.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from itertools import count
from typing import Any, Protocol

import msgspec

from renga.domains.catalog.contract import Product
from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.sources import OfProduct, ReaderTerms

#: JSON that is remembered in one process.
BYTES_MAX = 8_000_000
#: Bytes of an entry besides its JSON, about.
OVERHEAD_BYTES = 700

#: What an entry is of besides its product: the selection, its arguments and the terms.
Selected = tuple[Hashable, ...]

_encode = msgspec.json.Encoder().encode
#: Selections are numbered and not held, so that an entry does not keep the plan of a forgotten query.
_numbers = count()


class ProductMemory:
    """Least recently used first out."""

    def __init__(self, *, bytes_max: int = BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._entries: OrderedDict[tuple[Selected, str], tuple[Product, msgspec.Raw, int]] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, selected: Selected, product: Product) -> msgspec.Raw | None:
        key = (selected, product.id)
        found = self._entries.get(key)
        if found is None or found[0] is not product:
            return None
        self._entries.move_to_end(key)
        return found[1]

    def put(self, selected: Selected, product: Product, value: Any) -> msgspec.Raw:
        """The value as JSON."""
        body = _encode(value)
        raw, key, size = msgspec.Raw(body), (selected, product.id), len(body) + OVERHEAD_BYTES
        before = self._entries.pop(key, None)
        self.bytes += size - (0 if before is None else before[2])
        self._entries[key] = (product, raw, size)
        while self.bytes > self._bytes_max:
            _, (_, _, old) = self._entries.popitem(last=False)
            self.bytes -= old
        return raw


def is_timeless(product: Product) -> bool:
    """Whether its prices are the same at any time, while it does not change."""
    return not any(
        price.from_at is not None or price.until_at is not None
        for variant in product.variants
        for price in variant.price_list
    )


def terms_of(asked: ReaderTerms) -> Selected:
    """The terms without the time."""
    terms = asked.terms
    return (asked.preferred, terms.currency, terms.channel, terms.groups, terms.quantity)


class PlanInfo:
    """The part of ``strawberry.Info`` that resolvers use."""

    __slots__ = ("context",)

    def __init__(self, context: Context) -> None:
        self.context = context


class RunMemory(Protocol):
    """What a selection needs of the execution; ``selected`` is known per selection."""

    info: PlanInfo
    memory: ProductMemory
    arguments: list[dict[str, Any]]
    selected: dict[int, tuple[ReaderTerms, Selected | None]]


class Selection:
    """One selection of a product's fields in a plan; ``varying`` are the numbers of its fields whose arguments have variables."""

    def __init__(self, write: Callable[[Any, Any], dict[str, Any]], varying: tuple[int, ...]) -> None:
        self._write = write
        self._varying = varying
        self._number = next(_numbers)

    def __call__(self, source: Any, run: "RunMemory") -> Any:
        """What was selected of the product: remembered JSON, or its members."""
        selected = self._selected(source, run)
        if selected is None:
            return self._write(source, run)
        memory, product = run.memory, source.product
        found = memory.get(selected, product)
        if found is not None:
            return found
        value = self._write(source, run)
        if run.info.context.for_managers or not is_timeless(product):
            return value
        return memory.put(selected, product, value)

    def _selected(self, source: Any, run: "RunMemory") -> Selected | None:
        if source.__class__ is not OfProduct:
            return None
        known = run.selected.get(self._number)
        if known is not None and known[0] is source.asked:
            return known[1]
        arguments = tuple(tuple(run.arguments[number].items()) for number in self._varying)
        selected: Selected | None = (self._number, terms_of(source.asked), arguments)
        try:
            hash(selected)
        except TypeError:
            selected = None  # an argument that is a list
        run.selected[self._number] = (source.asked, selected)
        return selected
