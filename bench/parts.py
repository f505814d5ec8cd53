"""The steps of an add, each callable alone: the shop's own functions on a real request, with nothing behind them."""

from collections.abc import Sequence
from typing import Any

from joserfc.jwk import KeySet

from bench import requests
from bench.bare_script import offer_of
from bench.carts import Item, Made
from renga.apps.modules import DECLARED
from renga.domains.cart.contract import Cart, Change, NewLine, Write
from renga.domains.cart.dependencies import CartDependencies, checked_id, guard
from renga.domains.cart.http import ACCESS, CartEndpoints, _answer, _encode, _new_line
from renga.domains.cart.identity_facts import NoFacts
from renga.domains.cart.line_prices import line_argument
from renga.domains.cart.line_skus import LineSkus
from renga.domains.cart.model import check_line, check_quantity
from renga.domains.cart.offers import OfferCache
from renga.domains.cart.ports import CartLimits, Guard, LineArgument, StoredCart
from renga.domains.cart.price_keys import PriceKeys
from renga.domains.cart.stock import StockCache
from renga.domains.cart.stores.redis import RedisCartStore
from renga.domains.cart.stores.redis_codec import decode_cart
from renga.domains.cart.use_case import view_cart
from renga.domains.catalog.contract import Offer
from renga.kernel.caller import ANONYMOUS
from renga.kernel.clock import SystemClock
from renga.kernel.languages import FALLBACKS
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.edge import Edge
from renga.platform.http.gate import Gate
from renga.platform.http.heads import Head
from renga.platform.http.lean import Answer, Call, LeanTable, Operation
from renga.platform.redis.client import HotRedis, Script

BODY_MAX_BYTES = 1_048_576


class _FakeCatalogue:
    """A fake of the catalogue's contract, as far as an offer cache uses it."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._offers = {item.sku: offer_of(item) for item in items}

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        return {sku: self._offers[sku] for sku in skus if sku in self._offers}


class _FakeScripts(HotRedis):
    """A fake client that answers every script at once, with the reply of an add."""

    def __init__(self) -> None:
        self._reply = [b"ok", 7, b"0", b"q1mJ0fXyZ2aB", 0, None]

    async def run(self, script: Script, keys: tuple[str, ...], args: tuple[Any, ...], *, repeatable: bool) -> Any:
        return self._reply


class Parts:
    """Every method is one step; a minimal add is ``route``, ``parse``, ``decide``, ``store`` and ``answer_minimal``."""

    def __init__(self, made: Made, shards: int) -> None:
        self._cart_id, self._sku = made.ids[0], made.items[0].sku
        raw = requests.add(self._cart_id, self._sku, requests.MINIMAL)
        head, _, self._body = raw.partition(b"\r\n\r\n")
        pairs = [line.split(b": ", 1) for line in head.split(b"\r\n")[1:]]
        self._headers = [(name.lower(), value) for name, value in pairs]
        clock = SystemClock()
        self._endpoints = CartEndpoints(_NOBODY, FALLBACKS)
        self._store = RedisCartStore(_FakeScripts(), shards=shards, limits=CartLimits())
        self._dependencies = CartDependencies(
            store=self._store, recovery=self._store, snapshots=_NOBODY, current=_NOBODY, erasure=self._store, erased=_NOBODY,
            offers=OfferCache(_FakeCatalogue(made.items), clock),  # type: ignore[arg-type] # the cache uses offers only
            stock=StockCache(None, clock), facts=NoFacts(), price_keys=PriceKeys(), line_skus=LineSkus(), limits=CartLimits(),
            clock=clock, new_id=str, secret=b"",
        )  # fmt: skip
        self._line = NewLine(sku=self._sku, quantity=1)
        self._write = Write(whole=False)
        self._argument = self._argument_of(offer_of(made.items[0]))
        self._guard = Guard(whole=False)
        self._change = Change(
            cart_id=self._cart_id, version=7, etag="7", line="q1mJ0fXyZ2aB", cart=None, replayed=False
        )
        tokens = TokenVerifier(KeySet([]), issuer="renga", clock=clock)
        table = LeanTable(
            self._null,
            [_operation(self._fixed)],
            body_max_bytes=BODY_MAX_BYTES,
            gate=Gate(Authenticator(tokens), rate_classes=DECLARED.rate_classes),
        )
        self._edge = Edge(self._null, https=False, lean=table)

    def _scope(self) -> Any:
        path = f"/v1/carts/{self._cart_id}/lines"
        return {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": self._headers,
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "state": {},
        }  # fmt: skip

    async def _receive(self) -> Any:
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def _fixed(self, call: Call) -> Answer:
        return Answer(200, b'{"version":7}', [(b"etag", b'"7"')])

    async def _null(self, scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("the table has the operation")

    async def zero_results(self) -> None:
        """What the loop of the measurement itself costs."""

    async def edge(self) -> tuple[int, Head, bytes]:
        scope = self._scope()
        found = self._edge.find_direct(scope)
        assert found is not None
        return await self._edge.answer_direct(scope, self._receive, self._body, found)

    async def parse(self) -> None:
        scope = self._scope() | {"renga_client": "127.0.0.1", "renga_principal": None}
        call = Call(scope, {"cart_id": self._cart_id}, self._body)
        call.decode(_new_line)
        self._endpoints.write(call)

    async def decide(self) -> None:
        dependencies, line, write = self._dependencies, self._line, self._write
        check_quantity(line.quantity, dependencies.limits.quantity)
        check_line(line)
        guard(ANONYMOUS, write, "add", self._cart_id, line)
        self._argument_of(dependencies.offers.peek(line.sku) or await dependencies.offers.find(line.sku))
        checked_id(self._cart_id)

    def _argument_of(self, offer: Offer | None) -> LineArgument:
        dependencies = self._dependencies
        sellable = dependencies.stock.peek(self._line.sku)
        assert sellable is not None, "nothing is counted here"
        key = dependencies.price_keys.of(self._cart_id)
        return line_argument(self._line, offer, sellable, price_key=key, language="pt-BR", at=dependencies.at)

    async def store(self) -> None:
        await self._store.add(self._cart_id, self._argument, self._guard)

    async def answer_minimal(self) -> None:
        _answer(self._change)

    async def decode(self, flat: Sequence[bytes]) -> None:
        decode_cart(self._cart_id, flat)

    async def shown(self, stored: StoredCart) -> Cart:
        return await view_cart(self._dependencies, stored)

    async def show(self, stored: StoredCart) -> None:
        await view_cart(self._dependencies, stored)

    async def encode(self, cart: Cart) -> None:
        _encode(cart)


def _operation(handler: Any) -> Operation:
    return Operation(
        method="POST",
        path="/v1/carts/{cart_id}/lines",
        handler=handler,
        access=ACCESS,
        rate="cart_write",
        id="add",
        summary="add",
        tag="Cart",
    )


#: Placeholder for contracts that no step uses.
_NOBODY: Any = object()
