"""What quotes follow now: prepared once for each change, checked for a change at every quote."""

import asyncio

import msgspec

from renga.domains.pricing.contract import (
    DEFAULT_POLICY,
    BuyXGetY,
    GiftLine,
    OnCollections,
    PricingPolicy,
    TaxTables,
)
from renga.domains.pricing.model.promotion_index import PromotionIndex
from renga.domains.pricing.ports import PricingRules, RuleStore

#: The channel whose policy counts for channels without one of their own.
ANY_CHANNEL = "*"


class ReadyRules(msgspec.Struct, frozen=True):
    """Rules with the index of their promotions. ``gifts`` are the skus that promotions may add, ``collections`` the slugs that
    their conditions name."""

    rules: PricingRules
    index: PromotionIndex
    gifts: tuple[str, ...]
    collections: tuple[str, ...]

    @property
    def tables(self) -> TaxTables:
        return self.rules.tables

    def policy(self, channel: str) -> PricingPolicy:
        """The channel's rules."""
        policies = self.rules.policies
        return policies.get(channel) or policies.get(ANY_CHANNEL) or DEFAULT_POLICY


def ready(rules: PricingRules) -> ReadyRules:
    """Rules prepared for many quotes."""
    actions = [action for promotion in rules.promotions for action in promotion.actions]
    gifts = {action.sku for action in actions if isinstance(action, GiftLine)}
    conditions = [condition for promotion in rules.promotions for condition in promotion.conditions]
    conditions += [condition for action in actions if isinstance(action, BuyXGetY) for condition in action.of]
    named = {slug for condition in conditions if isinstance(condition, OnCollections) for slug in condition.collections}
    return ReadyRules(rules, PromotionIndex(rules.promotions), tuple(sorted(gifts)), tuple(sorted(named)))


class CurrentRules:
    """One for each process. A quote never follows rules that were changed before it began."""

    def __init__(self, store: RuleStore) -> None:
        self._store = store
        self._ready: ReadyRules | None = None
        self._loading = asyncio.Lock()

    async def now(self) -> ReadyRules:
        """Raises Unavailable."""
        number = await self._store.revision()
        held = self._ready
        if held is not None and held.rules.revision >= number:
            return held
        async with self._loading:
            held = self._ready
            if held is None or held.rules.revision < number:
                held = self._ready = ready(await self._store.rules())
            return held
