"""The guide for providers names what is there: files, settings, the outcomes, the places of the secret."""

import re
from pathlib import Path
from typing import get_args

import pytest

from renga.domains.payments.ports.provider import OutcomeKind
from renga.domains.payments.settings import PaymentSettings, PixWebhookProof

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "payment-provider.md").read_text()
SETTINGS = [name for name in PaymentSettings.__struct_fields__ if name.startswith(("stripe_", "pix_"))]


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:src|tests)/[\w/.*]+)`", GUIDE))))
def test_its_files_exist(path: str) -> None:
    assert list(ROOT.glob(path))


@pytest.mark.parametrize("name", [name for name in SETTINGS if name != "pix_expires_s"])
def test_every_setting_of_a_provider_is_named(name: str) -> None:
    assert f"RENGA_PAYMENTS_{name.upper()}" in GUIDE


def test_it_names_no_setting_that_does_not_exist() -> None:
    named = {name.lower() for name in re.findall(r"RENGA_PAYMENTS_([A-Z_]+)", GUIDE)}
    assert named <= set(PaymentSettings.__struct_fields__)
    assert len(named) >= 14


def test_every_outcome_and_every_place_of_the_secret_is_explained() -> None:
    for word in (*get_args(OutcomeKind), *get_args(PixWebhookProof)):
        assert f"`{word}`" in GUIDE
