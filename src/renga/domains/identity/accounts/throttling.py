"""Rules that delay and refuse wrong guesses, pure. Nobody can lock the owner out of a network that the owner uses.

Failures in a row are counted for each (subject, network) pair, for the subject alone and for the network alone. A subject is
an e-mail address (whether it has an account or not) or an account's second factor. Only the pair refuses, and only while it
has never succeeded; failures from other networks delay an attempt by at most WAIT_MAX_MS, and not at all from a network
where the subject has succeeded before.
"""

import msgspec

from renga.domains.identity.accounts.model.values import Counter, Counters

#: Failures without any delay or refusal.
PAIR_FREE, SUBJECT_FREE, NETWORK_FREE = 5, 10, 20
#: A pair refuses for this long after its first excess failure; doubles with each further one.
REFUSE_FIRST_MS, REFUSE_MAX_MS = 1_000, 15 * 60_000
#: An attempt is delayed by this after the first excess failure; doubles with each further one.
WAIT_FIRST_MS, WAIT_MAX_MS = 250, 8_000
#: Counters of a subject or a network, and a pair's failures, expire after this long without a failure.
FORGET_MS = 24 * 3_600_000
#: How long a network counts as known after a success.
KNOWN_MS = 90 * 86_400_000
#: More doublings than this have no effect; the bound keeps the numbers small.
_DOUBLINGS_MAX = 32


class Policy(msgspec.Struct, frozen=True):
    """Differences between credentials. ``known_refused``: a known network is refused as well after too many failures;
    ``subject_refuses``: too many failures from all networks together make unknown networks refused."""

    known_refused: bool
    subject_refuses: bool


#: Anybody can try passwords for an address: that must never lock its owner out.
PASSWORD = Policy(known_refused=False, subject_refuses=False)
#: Six digits can be guessed, and only a caller with the right password gets here: failures refuse every network.
SECOND_FACTOR = Policy(known_refused=True, subject_refuses=True)


class ThrottleDecision(msgspec.Struct, frozen=True):
    """``refused``: even if the credential is correct; ``wait_ms``: delay before the check."""

    refused: bool
    wait_ms: int


def judge(counters: Counters, policy: Policy, now_ms: int) -> ThrottleDecision:
    """The decision for an attempt, given earlier failures."""
    pair = _fresh(counters.pair, now_ms)
    subject, network = _fresh(counters.subject, now_ms), _fresh(counters.network, now_ms)
    known = is_known(pair, now_ms)
    refused = (not known or policy.known_refused) and _closed(pair, PAIR_FREE, now_ms)
    if policy.subject_refuses and not known:
        refused = refused or _closed(subject, SUBJECT_FREE, now_ms)
    if known:
        return ThrottleDecision(refused, _wait_ms(pair, PAIR_FREE))
    return ThrottleDecision(refused, max(_wait_ms(subject, SUBJECT_FREE), _wait_ms(network, NETWORK_FREE)))


def counted(counters: Counters, verdict: ThrottleDecision, now_ms: int) -> Counters:
    """The counters with this attempt as a failure, written before the check so that parallel guesses count.

    A refused attempt does not prolong the pair's refusal.
    """
    pair = counters.pair if verdict.refused else _failed(counters.pair, now_ms)
    return Counters(pair=pair, subject=_failed(counters.subject, now_ms), network=_failed(counters.network, now_ms))


def succeeded(counters: Counters, now_ms: int) -> Counters:
    """The counters after a correct credential: the network is known, and the attempt was no failure.

    The counters of the subject and of the network only lose this attempt: otherwise attackers could clear their network's
    record by logging in to an account of their own.
    """
    return msgspec.structs.replace(
        trusted(counters, now_ms),
        subject=_less_one(counters.subject),
        network=_less_one(counters.network),
    )


def trusted(counters: Counters, now_ms: int) -> Counters:
    """The counters after the subject authenticated otherwise from this network: the network is known."""
    return msgspec.structs.replace(counters, pair=Counter(failures=0, last_ms=now_ms, known_ms=now_ms))


def is_known(pair: Counter, now_ms: int) -> bool:
    return pair.known_ms > 0 and now_ms - pair.known_ms < KNOWN_MS


def _fresh(counter: Counter, now_ms: int) -> Counter:
    if now_ms - counter.last_ms < FORGET_MS:
        return counter
    return msgspec.structs.replace(counter, failures=0)


def _failed(counter: Counter, now_ms: int) -> Counter:
    fresh = _fresh(counter, now_ms)
    return msgspec.structs.replace(fresh, failures=fresh.failures + 1, last_ms=now_ms)


def _less_one(counter: Counter) -> Counter:
    return msgspec.structs.replace(counter, failures=max(0, counter.failures - 1))


def _closed(counter: Counter, free: int, now_ms: int) -> bool:
    return now_ms < counter.last_ms + _grown(counter.failures - free, REFUSE_FIRST_MS, REFUSE_MAX_MS)


def _wait_ms(counter: Counter, free: int) -> int:
    return _grown(counter.failures - free, WAIT_FIRST_MS, WAIT_MAX_MS)


def _grown(beyond: int, first_ms: int, max_ms: int) -> int:
    """0 for ``beyond`` < 0, then ``first_ms``, doubling up to ``max_ms``."""
    return 0 if beyond < 0 else min(first_ms * 2 ** min(beyond, _DOUBLINGS_MAX), max_ms)
