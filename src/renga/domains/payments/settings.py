"""Settings of the section ``payments``."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from renga.domains.payments.contract.payments import CaptureMoment, PaymentMethod
from renga.domains.payments.model.capture_moments import CaptureSettingWrong, parsed_moments
from renga.platform.settings import Secret, SettingsInvalid

#: Where the sender of a Pix webhook shows the secret: in the query of its URL, in a header that the reverse proxy adds after
#: it has checked the provider's certificate, or in a signature.
PixWebhookProof = Literal["url", "edge", "signature"]


class PaymentSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the section ``payments``."""

    providers: Annotated[str, "providers in use, with commas; a method belongs to the first one that has it"] = ""
    simulator_url: Annotated[
        str, "address of the simulated payment provider; empty: that of `renga up`; none: there is none"
    ] = ""
    simulator_key: Annotated[Secret, "its secret key; empty: derived from the shop's secret"] = Secret()
    simulator_webhook_secret: Annotated[Secret, "what signs its messages; empty: derived from the shop's secret"] = (
        Secret()
    )
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
    payout_pause_days: Annotated[
        int, "days without payouts after a merchant's payout account was changed", Meta(ge=0, le=90)
    ] = 7
    payout_after: Annotated[
        Literal["delay", "settlement"],
        "a sale is available after the schedule's delay, or also not before its provider has settled it",
    ] = "delay"
    settled_within_days: Annotated[
        int, "days after which reconciliation calls a capture unsettled", Meta(ge=0, le=90)
    ] = 3
    captures: Annotated[
        str, "when money is taken, by method (card=shipment): placement, shipment or manual; empty: at placement"
    ] = ""
    late_money: Annotated[
        Literal["accept", "refund"], "what becomes of money that comes late, where no domain decides"
    ] = "refund"

    stripe_key: Annotated[Secret, "Stripe's secret key (sk_…)"] = Secret()
    stripe_publishable_key: Annotated[str, "Stripe's publishable key (pk_…), for browsers"] = ""
    stripe_webhook_secret: Annotated[Secret, "signing secret of Stripe's webhook endpoint (whsec_…)"] = Secret()
    stripe_url: Annotated[str, "address of Stripe's API"] = "https://api.stripe.com"
    stripe_multicapture: Annotated[bool, "whether the Stripe account may capture an authorisation several times"] = (
        False
    )
    pix_url: Annotated[str, "address of the Pix API, up to its version (https://…/v2)"] = ""
    pix_token_url: Annotated[str, "address of its OAuth 2.0 token endpoint"] = ""
    pix_client_id: Annotated[str, "client id at the Pix API"] = ""
    pix_client_secret: Annotated[Secret, "client secret at the Pix API"] = Secret()
    pix_key: Annotated[str, "the Pix key (chave) that receives the money"] = ""
    pix_certificate: Annotated[str, "PEM file with the shop's certificate and key for mutual TLS; empty: none"] = ""
    pix_webhook_secret: Annotated[Secret, "secret that webhooks of the Pix API show"] = Secret()
    pix_webhook_proof: Annotated[
        PixWebhookProof, "where they show it: query of the URL, header added by the reverse proxy, or signature"
    ] = "url"

    def capture_moments(self) -> dict[PaymentMethod, CaptureMoment]:
        """Raises SettingsInvalid."""
        try:
            return parsed_moments(self.captures)
        except CaptureSettingWrong as error:
            raise SettingsInvalid(f"payments.captures: {error}") from error

    def provider_names(self) -> tuple[str, ...]:
        """The providers that are named; if none is, the simulated one, where it runs."""
        named = tuple(filter(None, (one.strip() for one in self.providers.split(","))))
        return named or (("simulated",) if self.simulator_url not in ("", "none") else ())
