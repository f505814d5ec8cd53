"""No number of a card reaches the shop: planted in 500 places of requests, it is found nowhere afterwards.

Logs, PostgreSQL, Valkey with the bus, traces, mail and pictures of a running shop with its worker are searched.
"""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from renga.apps.modules import DECLARED
from tests.cards.places import BODY, EDGE, QUIET, VISA, Place, places
from tests.cards.searching import Collector, found_in, of_folder, of_postgres, of_valkey
from tests.flows.shop import Shop
from tests.proof import size

#: What an answer is that refuses before the body is read.
UNREAD = {303, 401, 403, 404, 405}
#: Turns the refusal off in every process of a shop, to see that the search finds something then.
UNPROTECTED = """
import renga.platform.cards.guard as guard
guard.may_hold_card = guard.may_hold_card_in_head = lambda _: False
import renga.platform.http.server_protocol as protocol
protocol.is_clean = lambda _: True
import renga.platform.telemetry.masking as masking
masking.mask_cards = lambda text: text
"""


class WatchedShop:
    """A running shop whose traces come here."""

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.mkdir(exist_ok=True)
        self.collector = Collector()
        self.shop = Shop(
            folder, RENGA_OTLP_ENDPOINT=self.collector.url, RENGA_LOG_LEVEL="debug", RENGA_RATELIMIT_ENABLED="false", **settings
        )  # fmt: skip
        self.shop.start()
        made = self.shop.run("token", "someone", "--scope", " ".join(DECLARED.scopes))
        assert made.returncode == 0, made.stderr
        self.token = made.stdout.strip()
        self.cart = httpx.post(f"{self.shop.url}/v1/carts", json={"currency": "BRL"}).json()["id"]

    def send(self, place: Place) -> bytes:
        with socket.create_connection(("127.0.0.1", self.shop.port), timeout=15) as connection:
            connection.sendall(place.request)
            if place.expected == QUIET:
                connection.shutdown(socket.SHUT_WR)  # some of these have no end
            received = b""
            while piece := connection.recv(65_536):
                received += piece
        return received

    def findings(self) -> list[str]:
        """Where a number is kept or told; stops the shop, so that it tells all."""
        urls = msgspec.json.decode((self.shop.data / "lock").read_bytes())["urls"]
        kept = [*asyncio.run(of_postgres(urls["postgres"])), *asyncio.run(of_valkey(urls["valkey"]))]
        assert self.shop.stop() == (0, [])
        assert self.collector.bodies, "spans came"
        told = [
            ("log", self.shop.log().encode()),
            *((f"span {i}", body) for i, body in enumerate(self.collector.bodies)),
        ]
        sources = [*kept, *told, *of_folder(self.shop.data)]
        assert len(sources) > 100, "tables, keys and files are there"
        return [finding for where, content in sources for finding in found_in(where, content)]

    def close(self) -> None:
        self.shop.kill()
        self.collector.close()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[WatchedShop]:
    shop = WatchedShop(tmp_path)
    try:
        yield shop
    finally:
        shop.close()


def test_a_number_planted_in_500_places_is_kept_nowhere(watched: WatchedShop) -> None:
    made = places(watched.cart, watched.token)
    assert len({place.name for place in made}) == len(made) >= 500
    refused: Counter[str] = Counter()
    wrong = []
    for place in made:
        answer = watched.send(place)
        wrong += [f"{place.name}: echoed" for _ in found_in("answer", answer)]
        status = int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0
        is_refusal = status == 422 and (
            b"card_number_refused" in answer or b"text/html" in answer or b"HEAD" in place.request
        )
        refused[place.expected] += is_refusal
        if not is_refusal and (place.expected == EDGE or (place.expected == BODY and status not in UNREAD)):
            wrong.append(f"{place.name}: {answer[:400]!r}")
    page = httpx.get(f"{watched.shop.url}/search?q={VISA}", headers={"Accept": "text/html", "Accept-Language": "en"})
    assert (page.status_code, page.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert '<html lang="en">' in page.text
    assert VISA not in page.text
    print(f"{len(made)} places, refused: {dict(refused)}")
    assert wrong == []
    assert refused[EDGE] == sum(place.expected == EDGE for place in made) > 250
    assert refused[BODY] > 250
    assert watched.findings() == []


@pytest.mark.proof
@pytest.mark.skipif(size() == "small", reason="a second shop, for make proof")
def test_the_search_finds_what_a_shop_without_protection_keeps(tmp_path: Path) -> None:
    """The mutation of the test above."""
    (tmp_path / "sitecustomize.py").write_text(UNPROTECTED)
    shop = WatchedShop(
        tmp_path / "shop", PYTHONPATH=os.pathsep.join((str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])))
    )
    try:
        for place in places(shop.cart, shop.token):
            if place.name.startswith(("note ", "header X-Request-Id", "json POST /v1/catalog", "query /v1/search?q=")):
                shop.send(place)
        assert any(finding.startswith("key ") for finding in shop.findings())
    finally:
        shop.close()
