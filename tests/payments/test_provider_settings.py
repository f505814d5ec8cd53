"""Which payment providers a shop has: what the settings name, or an error that says what is missing."""

import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from renga.domains.payments.opening import open_providers
from renga.domains.payments.ports.provider import PaymentProvider
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.clock import ManualClock
from renga.platform.settings import Secret, SettingsInvalid

STRIPE = {
    "stripe_key": Secret("sk_test_1"),
    "stripe_publishable_key": "pk_test_1",
    "stripe_webhook_secret": Secret("whsec_1"),
}
PIX = {
    "pix_url": "https://pix.example/api/v2",
    "pix_token_url": "https://pix.example/oauth/token",
    "pix_client_id": "client",
    "pix_client_secret": Secret("secret"),
    "pix_key": "pix@shop.example",
    "pix_webhook_secret": Secret("hook"),
}


def opened(**settings: object) -> tuple[PaymentProvider, ...]:
    made = PaymentSettings(**settings)  # type: ignore[arg-type]
    return open_providers(made, clock=ManualClock(), public_url="https://shop.example")


async def test_the_providers_are_those_that_are_named_in_that_order() -> None:
    providers = opened(providers=" pix , stripe", **STRIPE, **PIX)
    assert [provider.name for provider in providers] == ["pix", "stripe"]
    for provider in providers:
        await provider.close()
    assert opened(**STRIPE, **PIX) == ()


async def test_stripe_offers_cards_with_the_key_for_browsers_and_what_the_account_can() -> None:
    (one,) = opened(providers="stripe", **STRIPE)
    (many,) = opened(providers="stripe", stripe_multicapture=True, **STRIPE)
    assert one.capabilities.public_key == "pk_test_1"
    assert [each.capabilities.methods["card"].captures for each in (one, many)] == ["one", "many"]
    assert "sk_test_1" not in repr((one, vars(one), one.capabilities))
    await one.close()
    await many.close()


@pytest.mark.parametrize("missing", [*STRIPE])
def test_a_setting_of_stripe_that_is_missing_is_named(missing: str) -> None:
    rest = {name: value for name, value in STRIPE.items() if name != missing}
    with pytest.raises(SettingsInvalid, match=rf"stripe also needs payments\.{missing}$"):
        opened(providers="stripe", **rest)


@pytest.mark.parametrize("missing", [*PIX])
def test_a_setting_of_pix_that_is_missing_is_named(missing: str) -> None:
    rest = {name: value for name, value in PIX.items() if name != missing}
    with pytest.raises(SettingsInvalid, match=rf"pix also needs payments\.{missing}$"):
        opened(providers="pix", **rest)


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsInvalid, match=r"payments\.stripe_publishable_key, payments\.stripe_webhook_secret$"):
        opened(providers="stripe", stripe_key=Secret("sk_test_1"))


@pytest.mark.parametrize("names", ["strip", "stripe,paypal", "stripe,,Pix", "\x00"])
def test_a_provider_that_does_not_exist_is_refused(names: str) -> None:
    with pytest.raises(SettingsInvalid, match="there is no provider"):
        opened(providers=names, **STRIPE, **PIX)


def test_a_provider_is_named_once() -> None:
    with pytest.raises(SettingsInvalid, match="twice"):
        opened(providers="stripe,stripe", **STRIPE)


@pytest.mark.parametrize("url", ["http://pix.example", "ftp://pix.example", "pix.example", "http://[", "https://"])
@pytest.mark.parametrize("setting", ["stripe_url", "pix_url", "pix_token_url"])
def test_credentials_go_only_over_tls_or_to_this_machine(setting: str, url: str) -> None:
    with pytest.raises(SettingsInvalid, match=rf"payments\.{setting} is an https URL"):
        opened(providers="stripe,pix", **{**STRIPE, **PIX, setting: url})


def test_a_key_that_no_header_can_have_is_refused() -> None:
    with pytest.raises(SettingsInvalid, match=r"payments\.stripe_key has other characters"):
        opened(providers="stripe", **STRIPE | {"stripe_key": Secret("sk_é\n")})


async def test_the_certificate_for_mutual_tls_is_read_when_the_shop_starts(tmp_path: Path) -> None:
    path = tmp_path / "shop.pem"
    path.write_bytes(certificate())
    (provider,) = opened(providers="pix", pix_certificate=str(path), **PIX)
    await provider.close()
    for spoiled in (b"", b"no certificate"):
        path.write_bytes(spoiled)
        with pytest.raises(SettingsInvalid, match=r"payments\.pix_certificate"):
            opened(providers="pix", pix_certificate=str(path), **PIX)
    with pytest.raises(SettingsInvalid, match=r"payments\.pix_certificate"):
        opened(providers="pix", pix_certificate=str(tmp_path / "none.pem"), **PIX)


def certificate() -> bytes:
    """A certificate with its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(pem) + private


async def test_money_is_taken_when_the_setting_says_and_the_provider_can() -> None:
    (many,) = opened(providers="stripe", stripe_multicapture=True, captures="card=shipment", **STRIPE)
    await many.close()
    with pytest.raises(SettingsInvalid, match=r"card=shipment needs a provider .* and stripe does not"):
        opened(providers="stripe", captures="card=shipment", **STRIPE)
    (one,) = opened(providers="stripe", captures=" card = manual ", **STRIPE)
    await one.close()


@pytest.mark.parametrize(
    ("captures", "why"),
    [
        ("card", "'card' is not a method and one of placement, shipment, manual"),
        ("card=later", "'card=later' is not"),
        ("cheque=manual", "'cheque=manual' is not"),
        ("pix=shipment", "pix has no authorisation that waits"),
        ("gift_card=manual", "gift_card has no authorisation that waits"),
        ("card=manual,card=placement", "card is named twice"),
    ],
)
def test_a_wrong_moment_is_named(captures: str, why: str) -> None:
    with pytest.raises(SettingsInvalid, match=rf"payments\.captures: {why}"):
        opened(providers="stripe", captures=captures, **STRIPE)
