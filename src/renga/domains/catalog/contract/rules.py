"""Pure: does a product meet the rule of a collection?"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, get_args, get_type_hints

from renga.domains.catalog.contract.products import Product
from renga.domains.catalog.contract.taxonomy import Category, Condition, Rule
from renga.kernel.money import CURRENCIES

OPS: tuple[str, ...] = get_args(get_type_hints(Condition)["op"])
_PLAIN_FIELDS = ("brand", "category", "type", "merchant", "title", "availability", "created_at")
_ORDERED = ("price", "attribute", "created_at")

Value = str | int | float | bool


def meets(product: Product, rule: Rule, parents: Mapping[str, str | None]) -> bool:
    """``parents`` maps each category to its parent; a rule without conditions matches nothing."""
    results = (_holds(product, condition, parents) for condition in rule.conditions)
    return bool(rule.conditions) and (all(results) if rule.match == "all" else any(results))


def parents_of(categories: Iterable[Category]) -> dict[str, str | None]:
    """The parent of each category by slug; None: it has none."""
    return {category.slug: category.parent for category in categories}


def condition_problem(condition: Condition) -> str | None:
    """Why a condition is invalid, or None."""
    name, _, rest = condition.field.partition(".")
    op, value = condition.op, condition.value
    if name == "price":
        if rest not in CURRENCIES:
            return f"{condition.field[:40]!r} must name a currency of ISO 4217, such as price.BRL"
    elif name == "attribute":
        if not rest:
            return "must name an attribute, such as attribute.colour"
    elif condition.field not in _PLAIN_FIELDS:
        return f"{condition.field[:40]!r} must be one of {', '.join(_PLAIN_FIELDS)}, price.… or attribute.…"
    if (op == "in") != isinstance(value, list):
        return "a list of values is for the op 'in', and only for it"
    if op == "exists" and not isinstance(value, bool):
        return "the op 'exists' takes true or false"
    if op == "contains" and not isinstance(value, str):
        return "the op 'contains' takes a text"
    if op in ("at_least", "at_most") and (isinstance(value, bool | list) or name not in _ORDERED):
        return f"the op {op!r} compares numbers or days of price.…, attribute.… or created_at"
    return None


def _holds(product: Product, condition: Condition, parents: Mapping[str, str | None]) -> bool:
    values = list(_values(product, condition.field, parents))
    wanted = condition.value
    match condition.op:
        case "exists":
            return bool(values) == wanted
        case "is":
            return any(_equal(one, wanted) for one in values)
        case "is_not":
            return not any(_equal(one, wanted) for one in values)
        case "in":
            return isinstance(wanted, list) and any(_equal(one, w) for one in values for w in wanted)
        case "contains":
            return isinstance(wanted, str) and any(
                _folded(wanted) in _folded(one) for one in values if isinstance(one, str)
            )
        case "at_least":
            return any(_compare(one, wanted, lambda a, b: a >= b) for one in values)
        case "at_most":
            return any(_compare(one, wanted, lambda a, b: a <= b) for one in values)


def _values(product: Product, field: str, parents: Mapping[str, str | None]) -> Iterable[Value]:
    """All values of the field; may be empty."""
    name, _, rest = field.partition(".")
    if name == "price":
        lowest = min((v.prices[rest] for v in product.variants if rest in v.prices), default=None)
        return [] if lowest is None else [lowest]
    if name == "attribute":
        return _listed(product.attributes.get(rest))
    if name == "category":
        return _with_those_above(product.categories, parents)
    if name == "title":
        return product.title.values()
    if name == "availability":
        return dict.fromkeys(variant.availability for variant in product.variants)
    return _listed(getattr(product, name)) if name in ("brand", "type", "merchant", "created_at") else []


def _listed(value: Any) -> Sequence[Value]:
    if value is None:
        return []
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else [value]


def _with_those_above(slugs: Iterable[str], parents: Mapping[str, str | None]) -> Iterable[str]:
    """The categories and their ancestors: a product in ``cups`` is also in its parent ``table``."""
    found: dict[str, None] = {}
    for slug in slugs:
        here: str | None = slug
        while here is not None and here not in found:
            found[here] = None
            here = parents.get(here)
    return found


def _equal(one: Value, wanted: object) -> bool:
    """In Python ``1 == True``; in a rule they differ."""
    return isinstance(one, bool) == isinstance(wanted, bool) and one == wanted


def _compare(one: Value, wanted: object, test: Callable[[Any, Any], bool]) -> bool:
    """Compares numbers with numbers and texts (dates, times) with texts; False for anything else."""
    both_numbers = _is_number(one) and _is_number(wanted)
    return (both_numbers or (isinstance(one, str) and isinstance(wanted, str))) and test(one, wanted)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _folded(text: str) -> str:
    """Without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
