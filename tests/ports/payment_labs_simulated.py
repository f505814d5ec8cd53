"""The simulated provider for the contract suite: the provider itself, in this process."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx

from renga.domains.payments.contract.payments import PaymentMethod
from renga.domains.payments.ports.provider import ProviderRecord
from renga.domains.payments.providers.simulated.adapter import SimulatedProvider
from renga.kernel.clock import DAY_MS, ManualClock, rfc3339
from renga.simulators.payment_provider.delivery import SIGNATURE, signature
from tests.engines.registry import Registry
from tests.ports.payment_lab import NOON_MS, SECRET, Headers, Opener, ProviderLab
from tests.ports.payment_link import Link
from tests.simulators.provider import BASE, KEY, Provider, provider_in

NUMBERS = {
    "approved": "4242424242424242",
    "declined": "4000000000000002",
    "poor": "4000000000009995",
    "challenge": "4000002500003155",
}


def signed(body: bytes, at_s: int, secret: str) -> Headers:
    return {SIGNATURE.lower(): signature(secret.encode(), at_s, body)}


class Tokens(Mapping[str, str]):
    """A new token each time, for the provider takes each once; the first ones are made at once."""

    def __init__(self, simulator: Provider) -> None:
        self._simulator = simulator

    def __getitem__(self, name: str) -> str:
        return self._simulator.token_now(NUMBERS[name])

    def __iter__(self):  # type: ignore[no-untyped-def] # of the mapping
        return iter(NUMBERS)

    def __len__(self) -> int:
        return len(NUMBERS)


@asynccontextmanager
async def _opened(method: PaymentMethod, engines: Registry, test: str) -> AsyncIterator[ProviderLab]:
    clock = ManualClock(NOON_MS)
    with tempfile.TemporaryDirectory() as folder:
        async with provider_in(Path(folder)) as simulator:
            simulator.desk.machine_clock = clock.now_ms
            link = Link(httpx.ASGITransport(simulator.app))
            provider = SimulatedProvider(BASE, secret=b"", api_key=KEY, webhook_secret=SECRET, transport=link)
            yield _lab(simulator, provider, link, clock, method)
            await provider.close()


def _lab(
    simulator: Provider, provider: SimulatedProvider, link: Link, clock: ManualClock, method: PaymentMethod
) -> ProviderLab:
    async def pays(ref: str) -> None:
        await simulator.pay({"id": ref})

    async def passes(record: ProviderRecord) -> None:
        assert record.action is not None
        answer = await simulator.anonymous.post(record.action.url, data={"decision": "approve"})
        assert answer.status_code == 303

    async def message(ref: str) -> bytes:
        event = simulator.desk.events.get(simulator.desk.events.listed(0, 100, ref)[-1]["id"])
        assert event is not None
        return event.body

    async def dispute(ref: str, amount: int) -> Callable[[str], Awaitable[None]]:
        said = (await simulator.post(f"/test/payments/{ref}/dispute", {"amount": amount})).json()

        async def close(end: str) -> None:
            way = {"won": "win", "lost": "lose"}[end]
            answer = await simulator.post(f"/test/disputes/{said['disputes'][-1]['id']}/{way}")
            assert answer.status_code == 200

        return close

    async def pay_out() -> str:
        day = rfc3339(clock.now_ms())[:10]
        assert await provider.settlement(day) is None  # the day is not over
        clock.advance(ms=DAY_MS)
        return day

    lab = ProviderLab(
        provider=provider, link=link, clock=clock, method=method, message=message, sign=signed, dispute=dispute, pay_out=pay_out,
        buyer_pays=pays, order={"token": None, "return_url": None},
    )  # fmt: skip
    if method != "card":
        return lab
    return replace(lab, buyer_pays=None, passes=passes, tokens=Tokens(simulator), order={})


SIMULATED_CARDS: dict[str, Opener] = {"simulated cards": partial(_opened, "card")}
SIMULATED_LATER: dict[str, Opener] = {
    "simulated pix": partial(_opened, "pix"),
    "simulated boleto": partial(_opened, "boleto"),
}
