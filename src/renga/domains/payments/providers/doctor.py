"""Payments' part of ``renga doctor``: which providers are in use, and whether their settings are whole."""

from collections.abc import Callable, Iterable
from pathlib import Path

import httpx
import msgspec

from renga.domains.payments.ports.provider import PaymentProvider
from renga.domains.payments.settings import PaymentSettings
from renga.platform.doctor.check import Check
from renga.platform.engines.folder import DataFolder
from renga.platform.settings import PlatformSettings, SettingsInvalid

NAME = "payments"
#: Tells the simulated provider from another program that listens where it was.
SIMULATOR, SIGN = "simulated", "renga-provider"
TIMEOUT_S = 3.0


async def check_providers(
    platform: PlatformSettings,
    payments: PaymentSettings,
    opened: Callable[[PaymentSettings], Iterable[PaymentProvider]],
) -> list[Check]:
    """``opened`` raises SettingsInvalid. Of real providers only the settings are checked: nothing is asked there."""
    if payments.simulator_url == "" and payments.provider_names() in ((), (SIMULATOR,)):
        holder = DataFolder(Path(platform.data)).holder()
        if holder is None:
            return [Check(NAME, "ok", "the simulated provider, which `renga up` starts; not running now")]
        payments = msgspec.structs.replace(payments, simulator_url=holder.urls.get("provider", ""))
    names = payments.provider_names()
    if not names:
        return [
            Check(NAME, "warn", "no provider: nothing can be paid", "Name one: RENGA_PAYMENTS_PROVIDERS=stripe,pix.")
        ]
    try:
        for provider in opened(payments):
            await provider.close()
    except SettingsInvalid as error:
        return [Check(NAME, "fail", error.detail, "Set what the message names; `renga settings` shows what counts.")]
    found = [Check(NAME, "ok", f"providers in this order: {', '.join(names)}")]
    return [*found, await _simulator(payments.simulator_url)] if SIMULATOR in names else found


async def _simulator(url: str) -> Check:
    name = "test provider"
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            answer = await client.get(f"{url}/card")
    except httpx.HTTPError as error:
        mend = "Start it (`renga up` or `renga provider`), or mend payments.simulator_url."
        return Check(name, "fail", f"{url} does not answer: {type(error).__name__}", mend)
    if SIGN not in answer.headers:
        return Check(name, "fail", f"{url} is another program", "Mend payments.simulator_url.")
    return Check(name, "ok", f"{url}; it takes no real money")
