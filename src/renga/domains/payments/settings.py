"""Settings of the section ``payments``."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class PaymentSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the section ``payments``."""

    providers: Annotated[str, "providers in use, with commas; a method belongs to the first one that has it"] = ""
    deadline_ms: Annotated[int, "deadline of a provider's answer", Meta(ge=100, le=60_000)] = 10_000
    instalments_max: Annotated[int, "most instalments of a card payment", Meta(ge=1, le=24)] = 12
    instalments_free: Annotated[int, "up to so many instalments the shop pays the interest", Meta(ge=0, le=24)] = 6
    instalments_fee_bp: Annotated[
        int, "monthly interest of further instalments in basis points (199 = 1.99 %)", Meta(ge=0, le=2_000)
    ] = 199
    instalments_funded_by: Annotated[
        Literal["buyer", "shop"], "who pays the interest of instalments beyond the free ones"
    ] = "buyer"
    instalment_min: Annotated[int, "least amount of one instalment in minor units", Meta(ge=1, le=10_000_000)] = 500
    pix_expires_s: Annotated[int, "seconds until a Pix charge expires", Meta(ge=60, le=86_400)] = 1_800
    boleto_due_days: Annotated[int, "days until a boleto is due", Meta(ge=1, le=60)] = 3
    ending_margin_s: Annotated[
        int, "how long before an authorisation ends it is replaced or captured", Meta(ge=60, le=604_800)
    ] = 86_400
    ending_authorisation: Annotated[
        Literal["reauthorise", "capture", "tell"],
        "an authorisation that ends soon: replaced where the provider can, captured, or only told by an event",
    ] = "reauthorise"
    late_money: Annotated[
        Literal["accept", "refund"], "what becomes of money that comes late, where no domain decides"
    ] = "refund"

    def provider_names(self) -> tuple[str, ...]:
        return tuple(filter(None, (one.strip() for one in self.providers.split(","))))
