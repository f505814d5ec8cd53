"""Settings of the section ``orders``."""

from typing import Annotated

import msgspec
from msgspec import Meta


class OrdersSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the section ``orders``."""

    quote_life_s: Annotated[int, "seconds for which the prices of a quote are honoured", Meta(ge=10, le=86_400)] = 900
    checkout_life_s: Annotated[
        int, "seconds after its last change at which a checkout expires", Meta(ge=60, le=2_592_000)
    ] = 21_600
    checkout_kept_days: Annotated[int, "days that ended checkouts are kept", Meta(ge=1, le=3_650)] = 30
    tax_id_required: Annotated[bool, "whether an order needs the buyer's CPF or CNPJ"] = False
    consents_required: Annotated[
        tuple[str, ...], "what a buyer must agree to before an order (terms, privacy, …); empty: nothing"
    ] = ()
    pix_life_s: Annotated[int, "seconds until the Pix charge of an order expires", Meta(ge=60, le=86_400)] = 1_800
    boleto_due_days: Annotated[int, "days until the boleto of an order is due", Meta(ge=1, le=60)] = 3
    order_open_hours: Annotated[int, "hours in which an order answers to whoever has its id", Meta(ge=0, le=8_760)] = 24
