"""The events of pricing. Routing keys are ``pricing.<Event>``; the subject is the promotion's id (of PromotionExhausted
with ``:uses``), the redemption's key, ``taxes`` or ``policy`` and the channel."""

from typing import Annotated, ClassVar

from msgspec import Meta

from renga.kernel.facts import Fact

PromotionId = Annotated[str, Meta(description="The promotion's id.", examples=["019aa5d8-0001-7000-8000-000000000001"])]
Version = Annotated[int, Meta(description="The subject's version after the change.", examples=[4])]
RedemptionKey = Annotated[
    str, Meta(description="The redemption's key, such as a checkout's id.", examples=["019aa5d8-0002-7000"])
]
UsedPromotions = Annotated[
    tuple[str, ...], Meta(description="Ids of the promotions that were used.", examples=[["019aa5d8-0001-7000"]])
]
PolicyScope = Annotated[
    str, Meta(description="The channel; ``*``: every channel without rules of its own.", examples=["web"])
]


class PricingFact(Fact, frozen=True, kw_only=True):
    """An event of this domain."""

    DOMAIN: ClassVar[str] = "pricing"


class PromotionChanged(PricingFact, frozen=True, kw_only=True):
    """A promotion was created, changed or (``removed``) deleted. Quotes from now on follow it."""

    promotion_id: PromotionId
    version: Version
    removed: Annotated[bool, Meta(description="It was deleted.", examples=[False])] = False


class PromotionExhausted(PricingFact, frozen=True, kw_only=True):
    """The usage limit of a promotion is reached; sent again if a released redemption is used once more."""

    promotion_id: PromotionId
    uses: Annotated[int, Meta(description="How often it is used, pending ones included.", examples=[50])]


class PromotionsRedeemed(PricingFact, frozen=True, kw_only=True):
    """An order has used promotions; their usage limits count it for good."""

    redemption: RedemptionKey
    promotions: UsedPromotions


class PromotionsReleased(PricingFact, frozen=True, kw_only=True):
    """A checkout that held uses of promotions ended without an order; the uses are free again."""

    redemption: RedemptionKey
    promotions: UsedPromotions


class TaxTablesChanged(PricingFact, frozen=True, kw_only=True):
    """The shop's tax tables were replaced."""

    version: Version


class PricingPolicyChanged(PricingFact, frozen=True, kw_only=True):
    """The rules that quotes of a channel follow have changed (tax display, rounding, shipping's tax, exchange rates)."""

    channel: PolicyScope
    version: Version


#: Every event of this domain.
EVENTS: tuple[type[Fact], ...] = (
    PromotionChanged,
    PromotionExhausted,
    PromotionsRedeemed,
    PromotionsReleased,
    TaxTablesChanged,
    PricingPolicyChanged,
)

#: A pattern that matches the routing keys of all of them, also in later versions.
ALL_FACTS = (f"{PricingFact.DOMAIN}.#",)
