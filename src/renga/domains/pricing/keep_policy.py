"""Use case: read and replace the rules that quotes of a channel follow."""

import re

from renga.domains.pricing.access import check_rules
from renga.domains.pricing.contract import PolicyInvalid, PricingPolicy
from renga.domains.pricing.contract.events import PricingPolicyChanged
from renga.domains.pricing.current_rules import ANY_CHANNEL
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.model.rule_checks import checked_policy
from renga.domains.pricing.recording import event_of
from renga.kernel.caller import Caller

_CHANNEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
TRIES_MAX = 5


async def read_policy(dependencies: PricingDependencies, caller: Caller, channel: str) -> PricingPolicy:
    """Raises Unauthenticated, InsufficientScope, PolicyInvalid (no channel)."""
    check_rules(caller)
    return (await dependencies.rules.now()).policy(_checked_channel(channel))


async def replace_policy(
    dependencies: PricingDependencies, caller: Caller, channel: str, policy: PricingPolicy
) -> PricingPolicy:
    """The last write wins. Raises PolicyInvalid."""
    check_rules(caller)
    _checked_channel(channel)
    checked_policy(policy)
    for _ in range(TRIES_MAX):
        version = await dependencies.rule_store.policy_version(channel) + 1
        event = event_of(
            dependencies, PricingPolicyChanged(channel=channel, version=version), f"policy {channel}", version
        )
        if await dependencies.rule_store.put_policy(channel, policy, version, event):
            return policy
    raise PolicyInvalid("others change these rules all the time; try again", field="channel")


def _checked_channel(channel: str) -> str:
    if channel != ANY_CHANNEL and not _CHANNEL.fullmatch(channel):
        raise PolicyInvalid(
            "a channel has 1 to 40 lower-case letters, digits, _ and -; * is every other one", field="channel"
        )
    return channel
