"""Commission that the shop takes of merchants' sales: rules by merchant and category, each with the time it holds for."""

from typing import Annotated

from msgspec import Meta, Struct

#: Bounds: rules of the table, currencies of a rule's fixed part, characters of a merchant or category.
COMMISSION_RULES_MAX = 2_000
FIXED_CURRENCIES_MAX = 20
OWNER_CHARS_MAX = 120
BASIS_POINTS = 10_000

Owner = Annotated[str, Meta(min_length=1, max_length=OWNER_CHARS_MAX)]


class CommissionRule(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """``basis_points`` (hundredths of a percent) of a sale plus ``fixed`` minor units by currency, never more than the sale.

    The most specific rule that holds at the time of the capture counts: merchant and category, merchant, category, neither.
    ``valid_from`` and ``valid_to`` are RFC 3339; the second is the first moment that it does not hold for. Rules with the same
    merchant and category do not overlap.
    """

    basis_points: Annotated[int, Meta(ge=0, le=BASIS_POINTS)]
    fixed: Annotated[dict[str, int], Meta(max_length=FIXED_CURRENCIES_MAX)] = {}
    merchant: Owner | None = None
    category: Owner | None = None
    valid_from: Annotated[str, Meta(max_length=40)]
    valid_to: Annotated[str, Meta(max_length=40)] | None = None


class CommissionTable(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """All rules. ``version`` grows with each change; 0: there are none yet, and no commission is taken."""

    rules: Annotated[tuple[CommissionRule, ...], Meta(max_length=COMMISSION_RULES_MAX)]
    version: int = 0
    changed_at: str | None = None
    changed_by: str | None = None
