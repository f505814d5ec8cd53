"""Who asks: what a caller may and must be, without any domain's scopes."""

import pytest

from renga.kernel.caller import ANONYMOUS, Caller, FreshLoginRequired, InsufficientScope
from renga.kernel.errors import Unauthenticated

ANA = Caller("ana", frozenset({"a"}))


def test_one_of_several_scopes_is_enough() -> None:
    assert [ANA.may("a"), ANA.may("b", "a"), ANA.may("b"), ANA.may(), ANONYMOUS.may("a")] == [True, True] + [False] * 3
    ANA.require("b", "a")


def test_a_missing_scope_is_named_to_who_is_known_and_a_guest_is_asked_who_they_are() -> None:
    with pytest.raises(InsufficientScope) as refused:
        ANA.require("b", "c")
    assert refused.value.extra == {"scope": "b"}
    with pytest.raises(Unauthenticated):
        ANONYMOUS.require("b")


def test_a_guest_has_no_name() -> None:
    assert ANA.identified() == "ana"
    with pytest.raises(Unauthenticated):
        ANONYMOUS.identified()


def test_the_shop_itself_is_a_program_with_the_scopes_that_it_was_given_and_a_name_that_no_account_has() -> None:
    assert Caller.of_system("seed", "a", "b") == Caller("system:seed", frozenset({"a", "b"}), program=True)
    assert Caller.of_system("seed").scopes == frozenset()


@pytest.mark.parametrize(
    ("caller", "fresh"),
    [
        (Caller("ana", proved_ms=100_000), True),
        (Caller("ana", proved_ms=99_999), False),
        (Caller("ana"), False),
        (Caller("svc", program=True), True),
        (Caller.of_system("seed"), True),
    ],
)
def test_a_login_is_fresh_up_to_its_age_and_one_without_a_time_never(caller: Caller, fresh: bool) -> None:
    if fresh:
        assert caller.proved_within(60, 160_000) == caller.subject
        return
    with pytest.raises(FreshLoginRequired) as refused:
        caller.proved_within(60, 160_000)
    assert refused.value.extra == {"max_age": 60}


def test_a_guest_is_asked_who_they_are_and_not_to_log_in_again() -> None:
    with pytest.raises(Unauthenticated) as refused:
        ANONYMOUS.proved_within(60, 0)
    assert refused.value.code == "unauthenticated"
