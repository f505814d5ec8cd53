"""Settings of the section ``provider``: the simulated payment provider that ``renga up`` and ``renga provider`` start."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.platform.settings import Secret


class SimulatedProviderSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    host: Annotated[str, "address the simulated payment provider listens on"] = "127.0.0.1"
    port: Annotated[
        int, "its port; 0: the shop's port + 1, or another free one, the same again next time", Meta(ge=0, le=65_535)
    ] = 0
    open: Annotated[bool, "whether it may listen on an address that others reach: it takes no real money"] = False
    data: Annotated[str, "folder of its file; empty: provider/ in the data folder"] = ""
    public_url: Annotated[str, "address at which browsers reach it; empty: http://host:port"] = ""
    shop_webhook: Annotated[str, "URL that its messages are posted to; empty: they are kept, not sent"] = ""
    shop_origins: Annotated[tuple[str, ...], "origins whose pages may ask for tokens (CORS); empty: every one"] = ()
    frame_origins: Annotated[
        tuple[str, ...], "origins whose pages may embed the card field; empty: those of shop_origins"
    ] = ()
    secret_key: Annotated[Secret, "bearer key of its API; empty: derived from the shop's secret"] = Secret()
    webhook_secret: Annotated[Secret, "key that signs its messages; empty: derived from the shop's secret"] = Secret()
    pix_client: Annotated[str, "client id of its Pix API"] = "renga"
    pix_secret: Annotated[Secret, "client secret of its Pix API; empty: derived from the shop's secret"] = Secret()
    pix_key: Annotated[str, "Pix key that its own charges name"] = "pix@provider.example"
    hang_s: Annotated[
        float, "seconds that an answer is held back where a time-out is simulated", Meta(ge=0, le=600)
    ] = 30.0
    late_s: Annotated[float, "seconds that a late message waits", Meta(ge=0, le=600)] = 3.0
    instalments_funded_by: Annotated[str, "who pays for instalments where a request does not say: shop or buyer"] = (
        "shop"
    )
