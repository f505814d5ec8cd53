"""The Pix API for the contract suite: on our own double of it, and on the simulated provider's."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from renga.domains.payments.contract.payments import Payer
from renga.domains.payments.providers.pix.adapter import PixProvider
from renga.domains.payments.providers.pix.webhooks import SIGNATURE_HEADER, sign
from renga.domains.payments.settings import PixWebhookProof
from renga.kernel.clock import ManualClock
from tests.engines.registry import Registry
from tests.payments.pix_double import PixDouble
from tests.ports.payment_lab import NOON_MS, SECRET, Headers, ProviderLab
from tests.ports.payment_link import Link
from tests.simulators.provider import BASE, Provider, provider_in

CHAVE = "pix@shop.example"
AT_ONCE = {"token": None, "return_url": None, "expires_in_s": 600}
DUE = {"token": None, "return_url": None, "due_on": "2026-12-10", "payer": Payer(name="Ana", tax_id="529.982.247-25")}
LACKS = {"settlement": "the Pix API has no settlement file", "disputes": "the Pix API tells no disputes"}
UNSIGNED = {"signature": "the standard of the Pix API signs no messages: the secret is in the URL"}


def pix_signature(body: bytes, at_s: int, secret: str) -> Headers:
    return {SIGNATURE_HEADER: f"t={at_s},v1={sign(body, at_s, secret)}"}


def pix_token(body: bytes, at_s: int, secret: str) -> Headers:
    return {":query": f"token={secret}&end=/pix"}


def pix_lab(
    link: Link,
    clock: ManualClock,
    url: str,
    credentials: tuple[str, str],
    *,
    proof: PixWebhookProof,
    pays: Callable[[str], Awaitable[None]],
    message: Callable[[str], Awaitable[bytes]],
    order: Mapping[str, Any],
    lacks: Mapping[str, str],
) -> ProviderLab:
    """``url``: of the API, without its version."""
    provider = PixProvider(
        httpx.AsyncClient(transport=link, base_url=f"{url}/v2"),
        chave=CHAVE,
        token_url=f"{url}/oauth/token",
        client_id=credentials[0],
        client_secret=credentials[1],
        clock=clock,
        webhook_secret=SECRET,
        webhook_proof=proof,
    )
    return ProviderLab(
        provider=provider,
        link=link,
        clock=clock,
        method="pix",
        message=message,
        sign=pix_signature if proof == "signature" else pix_token,
        buyer_pays=pays,
        lacks=lacks,
        order=order,
    )


@asynccontextmanager
async def pix_on_the_double(engines: Registry, test: str) -> AsyncIterator[ProviderLab]:
    clock = ManualClock(NOON_MS)
    double = PixDouble(clock.now_ms)

    async def pays(ref: str) -> None:
        double.pay(ref)

    async def message(ref: str) -> bytes:
        return double.message(ref)

    lab = pix_lab(
        Link(double), clock, "https://pix.example/pix-api", ("client", "secret"), proof="signature", pays=pays,
        message=message, order=AT_ONCE, lacks=LACKS,
    )  # fmt: skip
    yield lab
    await lab.provider.close()


@asynccontextmanager
async def pix_with_a_due_date(engines: Registry, test: str) -> AsyncIterator[ProviderLab]:
    async with pix_on_the_double(engines, test) as lab:
        yield replace(lab, order=DUE)


@asynccontextmanager
async def pix_on_the_simulator(engines: Registry, test: str) -> AsyncIterator[ProviderLab]:
    clock = ManualClock(NOON_MS)
    with tempfile.TemporaryDirectory() as folder:
        async with provider_in(Path(folder)) as simulator:
            simulator.desk.machine_clock = clock.now_ms
            yield await _simulated(simulator, clock, AT_ONCE)


@asynccontextmanager
async def due_pix_on_the_simulator(engines: Registry, test: str) -> AsyncIterator[ProviderLab]:
    async with pix_on_the_simulator(engines, test) as lab:
        yield replace(lab, order=DUE)


async def _simulated(simulator: Provider, clock: ManualClock, order: Mapping[str, Any]) -> ProviderLab:
    way = httpx.ASGITransport(simulator.app)
    credentials = (simulator.desk.settings.pix_client, simulator.desk.secret.pix.decode())

    def charge_of(ref: str) -> str:
        cob = simulator.desk.cobs.find(ref)
        assert cob is not None
        return cob.charge

    async def pays(ref: str) -> None:
        await simulator.pay({"id": charge_of(ref)})

    async def message(ref: str) -> bytes:
        event = simulator.desk.events.listed(0, 100, charge_of(ref))[-1]
        stored = simulator.desk.events.get(event["id"])
        assert stored is not None
        return stored.body

    lab = pix_lab(
        Link(way), clock, f"{BASE}/pix-api", credentials, proof="url", pays=pays, message=message, order=order,
        lacks=LACKS | UNSIGNED,
    )  # fmt: skip
    await _register(simulator, credentials)
    return lab


async def _register(simulator: Provider, credentials: tuple[str, str]) -> None:
    """Messages about our key go to the shop."""
    form = {"grant_type": "client_credentials"}
    granted = await simulator.anonymous.post("/pix-api/oauth/token", data=form, auth=credentials)
    headers = {"authorization": f"Bearer {granted.json()['access_token']}"}
    url = f"https://shop.example/v1/webhooks/pix?token={SECRET}&end="
    answer = await simulator.anonymous.put(f"/pix-api/v2/webhook/{CHAVE}", json={"webhookUrl": url}, headers=headers)
    assert answer.status_code == 200, answer.text
