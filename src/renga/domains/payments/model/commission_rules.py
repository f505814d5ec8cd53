"""Which commission rule counts for a sale, and what it takes."""

from collections.abc import Iterable, Mapping
from itertools import pairwise

import msgspec

from renga.domains.payments.contract.commissions import BASIS_POINTS, CommissionRule, CommissionTable
from renga.domains.payments.contract.finance_errors import CommissionInvalid
from renga.domains.payments.contract.payments import Share
from renga.kernel.clock import from_rfc3339
from renga.kernel.money import AMOUNT_MAX, CURRENCIES

_Owner = tuple[str | None, str | None]


class _Dated(msgspec.Struct, frozen=True):
    from_ms: int
    to_ms: int | None
    rule: CommissionRule

    def holds(self, at_ms: int) -> bool:
        return self.from_ms <= at_ms and (self.to_ms is None or at_ms < self.to_ms)


class CommissionBook:
    """The rules, found by merchant and category. Without rules no commission is taken."""

    def __init__(self, rules: Iterable[CommissionRule] = ()) -> None:
        found: dict[_Owner, list[_Dated]] = {}
        for rule in rules:
            to_ms = None if rule.valid_to is None else from_rfc3339(rule.valid_to)
            found.setdefault((rule.merchant, rule.category), []).append(
                _Dated(from_rfc3339(rule.valid_from), to_ms, rule)
            )
        self._rules: Mapping[_Owner, list[_Dated]] = found

    def rule_of(self, merchant: str, category: str | None, at_ms: int) -> CommissionRule | None:
        """The most specific rule that holds: merchant and category, merchant, category, neither."""
        for owner in ((merchant, category), (merchant, None), (None, category), (None, None)):
            for dated in self._rules.get(owner, ()):
                if dated.holds(at_ms):
                    return dated.rule
        return None

    def commission_of(self, share: Share, currency: str, at_ms: int) -> int:
        """Minor units of ``share.amount`` that are the shop's; half a minor unit is rounded up.

        Only a merchant's sale has commission, which is never more than the sale.
        """
        if share.kind != "sale" or share.merchant is None or share.amount <= 0:
            return 0
        rule = self.rule_of(share.merchant, share.category, at_ms)
        if rule is None:
            return 0
        part = (share.amount * rule.basis_points + BASIS_POINTS // 2) // BASIS_POINTS
        return min(share.amount, part + rule.fixed.get(currency, 0))


def checked_rules(table: CommissionTable) -> CommissionTable:
    """The table, if its rules make sense. Raises CommissionInvalid."""
    spans: dict[_Owner, list[tuple[int, int | None, int]]] = {}
    for number, rule in enumerate(table.rules):
        where = f"rules[{number}]"
        _check_names(rule, where)
        _check_fixed(rule, where)
        begins, ends = _span(rule, where)
        spans.setdefault((rule.merchant, rule.category), []).append((begins, ends, number))
    for same in spans.values():
        same.sort()
        for (_, ends, _), (begins, _, number) in pairwise(same):
            if ends is None or begins < ends:
                raise CommissionInvalid(
                    "it overlaps with another rule of the same merchant and category", field=f"rules[{number}]"
                )
    return table


def _check_names(rule: CommissionRule, where: str) -> None:
    for name, text in (("merchant", rule.merchant), ("category", rule.category)):
        if text is not None and not text.isprintable():
            raise CommissionInvalid("it has characters that cannot be printed", field=f"{where}.{name}")


def _check_fixed(rule: CommissionRule, where: str) -> None:
    for currency, amount in rule.fixed.items():
        if currency not in CURRENCIES:
            raise CommissionInvalid("a fixed part is by currency of ISO 4217", field=f"{where}.fixed")
        if not 0 <= amount <= AMOUNT_MAX:
            raise CommissionInvalid(f"a fixed part is 0 to {AMOUNT_MAX} minor units", field=f"{where}.fixed.{currency}")


def _span(rule: CommissionRule, where: str) -> tuple[int, int | None]:
    try:
        begins = from_rfc3339(rule.valid_from)
    except ValueError as error:
        raise CommissionInvalid(str(error), field=f"{where}.valid_from") from None
    if rule.valid_to is None:
        return begins, None
    try:
        ends = from_rfc3339(rule.valid_to)
    except ValueError as error:
        raise CommissionInvalid(str(error), field=f"{where}.valid_to") from None
    if ends <= begins:
        raise CommissionInvalid("it ends after it begins", field=f"{where}.valid_to")
    return begins, ends
