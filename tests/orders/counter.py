"""Checkouts beside a real catalogue, real carts and pricing; payments only say what they offer."""

from collections.abc import Mapping
from typing import Any

import msgspec

from renga.domains.cart.contract import NewLine, Write
from renga.domains.cart.opening import CartModule
from renga.domains.orders.contract import Checkout, CheckoutChange, CheckoutRequest
from renga.domains.orders.local import LocalOrders
from renga.domains.orders.stores.checkouts import PostgresCheckouts
from renga.domains.payments.contract.payments import InstalmentPlan, OfferedMethod
from renga.kernel.buyer_terms import NOTHING_VERIFIED, VerifiedFacts
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.clock import ManualClock
from renga.kernel.events import Event, decode
from renga.kernel.money import Money
from renga.kernel.once import Once
from renga.platform.auth.principal import Principal
from renga.platform.turns import Turns
from tests.pricing.house import House

ANA = Caller("ana", frozenset({"cart", "orders"}))
BOB = Caller("bob", frozenset({"cart", "orders"}))
SERVICE = Caller("robot", frozenset({"orders:any"}), program=True)
GUEST = ANONYMOUS
ADDRESS = {
    "name": "Ana Souza", "street": "Avenida Paulista", "number": "1578", "city": "São Paulo", "region": "SP",
    "postal_code": "01310-200", "country": "BR",
}  # fmt: skip
US_ADDRESS = {
    "name": "Ann Smith", "street": "350 Fifth Avenue", "city": "New York", "region": "NY", "postal_code": "10118",
    "country": "US",
}  # fmt: skip
READY: dict[str, Any] = {"email": "ana@example.com", "shipping_address": ADDRESS, "payment": {"method": "card"}}


class OfferedPayments:
    """The part of ``Payments`` that checkouts use: cards everywhere, Pix and boleto in Brazil."""

    def __init__(self) -> None:
        self.asked: list[tuple[Money, str]] = []

    def answer_late_money(self, answer: Any) -> None: ...

    async def offered(self, amount: Money, country: str) -> tuple[OfferedMethod, ...]:
        self.asked.append((amount, country))
        plans = tuple(
            InstalmentPlan(count=n, each=Money(amount.amount // n, amount.currency), total=amount) for n in (1, 2, 3)
        )
        dear = Money(amount.amount * 11 // 10, amount.currency)
        plans += (InstalmentPlan(count=12, each=Money(dear.amount // 12, amount.currency), total=dear),)
        card = OfferedMethod(method="card", provider="fake", instalments=plans)
        if country != "BR":
            return (card,)
        return card, OfferedMethod(method="pix", provider="fake"), OfferedMethod(method="boleto", provider="fake")


class FakeBuyers:
    """The part of ``Buyers`` that checkouts use."""

    def __init__(self) -> None:
        self.by_customer: dict[str, VerifiedFacts] = {}

    async def verified_facts(self, customer: str) -> VerifiedFacts:
        return self.by_customer.get(customer, NOTHING_VERIFIED)


class Counter:
    """What the fixtures put together, and short names for what tests do often."""

    def __init__(self, house: House, checkouts: LocalOrders, payments: OfferedPayments, buyers: FakeBuyers) -> None:
        self.house, self.checkouts, self.payments, self.buyers = house, checkouts, payments, buyers
        self.cart: CartModule = house.cart
        self.clock: ManualClock = house.clock

    @property
    def store(self) -> PostgresCheckouts:
        store = self.checkouts.dependencies.checkouts
        assert isinstance(store, PostgresCheckouts)
        return store

    def with_settings(self, **settings: Any) -> LocalOrders:
        """As another process with these settings."""
        before = self.checkouts.dependencies
        changed = msgspec.structs.replace(before.settings, **settings)
        return LocalOrders(msgspec.structs.replace(before, settings=changed, turns=Turns()))

    async def cart_of(self, quantities: Mapping[str, int], caller: Caller = GUEST, **terms: Any) -> str:
        return await self.house.cart_of(quantities, caller, **{"country": "BR", **terms})

    async def start(self, cart_id: str, caller: Caller = GUEST, *, once: Once | None = None, **said: Any) -> Checkout:
        return (await self.begin(cart_id, caller, once=once, **said))[0]

    async def begin(
        self, cart_id: str, caller: Caller = GUEST, *, once: Once | None = None, **said: Any
    ) -> tuple[Checkout, bool]:
        request = msgspec.convert({"cart_id": cart_id, **said}, CheckoutRequest)
        return await self.checkouts.start(caller, request, language="pt-BR", once=once)

    async def change(self, checkout: Checkout, caller: Caller = GUEST, **said: Any) -> Checkout:
        return await self.checkouts.change(caller, checkout.id, msgspec.convert(said, CheckoutChange))

    async def read(self, checkout: Checkout, caller: Caller = GUEST) -> Checkout:
        return await self.checkouts.read(caller, checkout.id)

    async def add(self, cart_id: str, sku: str, quantity: int = 1, caller: Caller = GUEST) -> None:
        await self.cart.carts.add_line(caller, cart_id, NewLine(sku=sku, quantity=quantity), Write())

    async def price(self, sku: str, amount: int) -> None:
        change = {"slug": sku.lower(), "title": {"en": sku.title()}, "merchant": "house",
                  "variants": [{"sku": sku, "prices": {"BRL": amount}}]}  # fmt: skip
        await self.house.catalog.replace_product(Caller.of_system("tests", "catalog:manage"), sku.lower(), change)

    async def events(self) -> list[Event]:
        rows = await self.house.pool.fetch("SELECT event::text FROM orders.outbox ORDER BY position")
        return [decode(row[0]) for row in rows]

    async def event_types(self) -> list[str]:
        return [event.type.removeprefix("orders.") for event in await self.events()]

    async def count(self, table: str) -> int:
        return int(await self.house.pool.fetchval(f"SELECT count(*) FROM orders.{table}"))


def codes_of(checkout: Checkout) -> dict[str, str]:
    """The path of each requirement, by code."""
    return {one.code: one.path for one in checkout.requirements}


def principal(caller: Caller) -> Principal:
    return Principal(subject=str(caller.subject), scopes=caller.scopes, kind="session")
