"""Throttling before a credential is checked: count the attempt, delay it, or refuse it."""

from typing import Literal

import msgspec

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.model import network_of
from renga.domains.identity.accounts.model.values import AttemptKey
from renga.domains.identity.accounts.ports import Unit
from renga.domains.identity.accounts.throttling import (
    FORGET_MS,
    KNOWN_MS,
    PASSWORD,
    SECOND_FACTOR,
    Policy,
    counted,
    judge,
    succeeded,
    trusted,
)
from renga.domains.identity.contract import CallOrigin

Purpose = Literal["password", "second_factor", "letter"]
_POLICIES: dict[Purpose, Policy] = {"password": PASSWORD, "second_factor": SECOND_FACTOR, "letter": PASSWORD}


class Attempt(msgspec.Struct, frozen=True):
    """An attempt, counted as a failure until ``settle``."""

    key: AttemptKey
    refused: bool


def subject_of(dependencies: AccountDependencies, purpose: Purpose, subject: str) -> bytes:
    """The name (a keyed hash) of a subject in the counters."""
    return dependencies.keyed(f"{purpose} subject", subject)


async def enter(dependencies: AccountDependencies, purpose: Purpose, subject: str, origin: CallOrigin) -> Attempt:
    """Count an attempt and delay it as the policy requires; the same for existing and unknown subjects."""
    key = _key(dependencies, purpose, subject, origin)
    now_ms = dependencies.clock.now_ms()
    async with dependencies.units.begin() as unit:
        counters = await unit.attempts.read(key)
        verdict = judge(counters, _POLICIES[purpose], now_ms)
        await unit.attempts.write(key, counted(counters, verdict, now_ms))
        # last, because it skips locked rows: no deadlock
        await unit.attempts.tidy(unknown_before_ms=now_ms - FORGET_MS, known_before_ms=now_ms - KNOWN_MS)
    if verdict.wait_ms:
        await dependencies.sleep(verdict.wait_ms / 1000)
    return Attempt(key, verdict.refused)


def _key(dependencies: AccountDependencies, purpose: Purpose, subject: str, origin: CallOrigin) -> AttemptKey:
    network = dependencies.keyed(f"{purpose} network", network_of(origin.address))
    return AttemptKey(subject=subject_of(dependencies, purpose, subject), network=network)


async def trust(
    dependencies: AccountDependencies, unit: Unit, purpose: Purpose, subject: str, origin: CallOrigin
) -> None:
    """Another credential was correct: mark this network as known for the subject."""
    key = _key(dependencies, purpose, subject, origin)
    counters = await unit.attempts.read(key)
    await unit.attempts.write(key, trusted(counters, dependencies.clock.now_ms()))


async def settle(unit: Unit, attempt: Attempt, now_ms: int) -> None:
    """The credential was correct: undo the counted failure and mark the network as known."""
    counters = await unit.attempts.read(attempt.key)
    await unit.attempts.write(attempt.key, succeeded(counters, now_ms))
