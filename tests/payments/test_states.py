"""The state machine as data, and its picture."""

from pathlib import Path
from typing import get_args

import pytest

from renga.domains.payments.contract.payments import PaymentState
from renga.domains.payments.model.states import ENDED, MOVES, WAITING, diagram, may_become

README = Path(__file__).parents[2] / "src" / "renga" / "domains" / "payments" / "README.md"


def test_the_readme_shows_the_moves() -> None:
    assert f"```mermaid\n{diagram()}```" in README.read_text("utf-8")


def test_every_state_can_be_reached_and_left_by_a_move() -> None:
    assert set(MOVES.values()) | {"created"} == set(get_args(PaymentState))
    assert {before for before, _ in MOVES} == set(get_args(PaymentState))


@pytest.mark.parametrize(
    ("state", "target", "newer"),
    [
        ("created", "captured", True),
        ("created", "refunded", True),
        ("action_needed", "created", False),
        ("authorised", "pending", False),
        ("authorised", "declined", False),
        ("captured", "authorised", False),
        ("captured", "voided", False),
        ("declined", "authorised", False),
        ("declined", "captured", True),
        ("expired", "voided", False),
        ("refunded", "captured", False),
        ("won", "lost", True),
    ],
)
def test_news_is_newer_or_older(state: PaymentState, target: PaymentState, newer: bool) -> None:
    assert may_become(state, target) is newer


def test_states_before_money() -> None:
    assert not ENDED & WAITING
    for state in WAITING:
        assert may_become(state, "captured")
