"""A webhook that another program signed as Stripe does."""

import asyncio
import time

import httpx
import pytest

from renga.domains.payments.contract.errors import WebhookRefused
from renga.domains.payments.ports.provider import Authorise
from renga.domains.payments.providers.stripe.adapter import StripeProvider
from renga.kernel.clock import SystemClock
from renga.kernel.ids import id_source
from renga.kernel.money import Money
from tests.engines.registry import Registry
from tests.ports.payment_labs_stripe import LOCAL_KEY, Dialect

SECRET = "whsec_of_this_test"


async def received(reader: asyncio.StreamReader) -> tuple[dict[str, str], bytes]:
    """Headers and body of one request."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
    pairs = (line.partition(":") for line in head if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    return headers, await reader.readexactly(int(headers["content-length"]))


async def test_what_localstripe_signs_is_verified(engines: Registry, request: pytest.FixtureRequest) -> None:
    server, new_id = engines.shared("localstripe", request.node.nodeid), id_source(SystemClock())
    messages: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        message = await received(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        await messages.put(message)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    transport = Dialect(httpx.AsyncHTTPTransport(verify=False))
    provider = StripeProvider(
        LOCAL_KEY,
        webhook_secret=SECRET,
        clock=SystemClock(),
        url=server.url,
        client=httpx.AsyncClient(transport=transport),
    )
    means = new_id()
    async with listening, httpx.AsyncClient(base_url=server.url, verify=False) as direct:
        wanted = {"url": f"http://127.0.0.1:{port}/", "secret": SECRET, "events": ["payment_intent.succeeded"]}
        assert (await direct.post("/_config/webhooks/ours", json=wanted)).status_code == 200
        outcome = await provider.authorise(
            Authorise(
                key=new_id(),
                means=means,
                reference="order:1",
                method="card",
                amount=Money(1_000, "BRL"),
                token="pm_card_visa",
                capture=True,
            )
        )
        async with asyncio.timeout(20):
            headers, body = await messages.get()
    now_ms = int(time.time() * 1000)
    (event,) = provider.verify(headers, body, now_ms)
    assert outcome.record is not None
    assert (event.kind, event.ref, event.means) == ("payment_intent.succeeded", outcome.record.ref, means)
    assert event.record is not None
    assert (event.record.state, event.record.captured) == ("captured", 1_000)
    with pytest.raises(WebhookRefused):
        provider.verify(headers, body + b" ", now_ms)
    with pytest.raises(WebhookRefused):
        provider.verify(headers, body, now_ms + 400_000)
    await provider.close()
