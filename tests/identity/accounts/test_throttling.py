"""The rules of throttling, for every history: what others do elsewhere never refuses anybody."""

from hypothesis import given
from hypothesis import strategies as st

from renga.domains.identity.accounts.model.values import Counter, Counters
from renga.domains.identity.accounts.throttling import (
    KNOWN_MS,
    PASSWORD,
    REFUSE_MAX_MS,
    SECOND_FACTOR,
    WAIT_MAX_MS,
    counted,
    judge,
    succeeded,
)

NOW = 1_700_000_000_000
moments = st.integers(NOW - 2 * KNOWN_MS, NOW)
counters = st.builds(Counter, failures=st.integers(0, 10**9), last_ms=moments, known_ms=st.one_of(st.just(0), moments))
histories = st.builds(Counters, pair=counters, subject=counters, network=counters)
FRESH = Counter()


@given(histories)
def test_a_wait_is_never_longer_than_its_bound(history: Counters) -> None:
    for policy in (PASSWORD, SECOND_FACTOR):
        assert 0 <= judge(history, policy, NOW).wait_ms <= WAIT_MAX_MS


@given(subject=counters, network=counters)
def test_a_pair_without_failures_is_never_refused_a_password(subject: Counter, network: Counter) -> None:
    assert judge(Counters(pair=FRESH, subject=subject, network=network), PASSWORD, NOW).refused is False


@given(pair=counters, subject=counters, network=counters)
def test_a_known_pair_is_never_refused_a_password_and_waits_for_its_own_failures_only(
    pair: Counter, subject: Counter, network: Counter
) -> None:
    known = Counter(failures=pair.failures, last_ms=pair.last_ms, known_ms=NOW - KNOWN_MS + 1)
    alone = judge(Counters(pair=known, subject=FRESH, network=FRESH), PASSWORD, NOW)
    assert judge(Counters(pair=known, subject=subject, network=network), PASSWORD, NOW) == alone
    assert alone.refused is False


@given(histories)
def test_every_refusal_ends(history: Counters) -> None:
    for policy in (PASSWORD, SECOND_FACTOR):
        assert judge(history, policy, NOW + REFUSE_MAX_MS).refused is False


@given(histories)
def test_a_success_makes_the_network_known(history: Counters) -> None:
    verdict = judge(history, PASSWORD, NOW)
    after = succeeded(counted(history, verdict, NOW), NOW)
    assert judge(after, PASSWORD, NOW).refused is False
    assert judge(after, PASSWORD, NOW).wait_ms == 0


@given(histories)
def test_a_refused_attempt_does_not_prolong_the_refusal_of_its_pair(history: Counters) -> None:
    verdict = judge(history, PASSWORD, NOW)
    if verdict.refused:
        assert counted(history, verdict, NOW).pair == history.pair
    else:
        assert counted(history, verdict, NOW).pair.last_ms == NOW
