"""A whole shop for orders: real carts, pricing, stock and payments on one database, with a scripted provider."""

from collections import Counter as Counter_
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

from renga.domains.inventory.contract.levels import LevelUpdate
from renga.domains.inventory.local import LocalStock
from renga.domains.orders.contract.orders import Order, PlaceCommand, Placement, PlacePayment, PlaceRequest
from renga.domains.orders.local import LocalOrders
from renga.domains.orders.model.order_numbers import new_number
from renga.domains.orders.opening import orders_on_postgres
from renga.domains.orders.reactions import cancelled_consumer, payment_consumer
from renga.domains.orders.stores.placings import PostgresPlacings
from renga.domains.payments.applying import apply_record
from renga.domains.payments.concluding import conclude, known_of
from renga.domains.payments.contract.payments import Payment
from renga.domains.payments.contract.wallets import NewGiftCard
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.perform_operation import carry_out
from renga.kernel.caller import Caller
from renga.kernel.events import Event, decode
from renga.kernel.money import Money
from tests.orders.counter import GUEST, READY, Counter, FakeBuyers
from tests.payments.scripted_provider import ScriptedProvider
from tests.pricing.conftest import SECRET
from tests.pricing.house import House

KEEPER = Caller.of_system("tests", "inventory:manage", "inventory:write", "inventory:reserve")
FINANCE = Caller("fin", frozenset({"payments:read", "payments:manage"}))
#: How often the same news comes.
OLD_NEWS = 3
_keys = count(1)


class Shop(Counter):
    """A counter that sells: places orders, moves events to their consumers, counts what is held."""

    def __init__(
        self, house: House, orders: LocalOrders, payments: LocalPayments, provider: ScriptedProvider, stock: LocalStock
    ) -> None:
        super().__init__(house, orders, payments, FakeBuyers())  # type: ignore[arg-type]
        self.orders, self.paying, self.provider, self.shelves = orders, payments, provider, stock
        self._told: Counter_[str] = Counter_()

    def process(
        self,
        crash_point: Callable[[str], None] = lambda name: None,
        new_number: Callable[[], str] = new_number,
    ) -> LocalOrders:
        """Another process of the same shop, in which each point of the saga is named."""
        before = self.orders.dependencies
        return orders_on_postgres(
            self.house.pool, before.settings, carts=before.carts, pricing=before.pricing, payments=before.payments,
            stock=self.shelves, buyers=before.buyers, clock=before.clock, new_id=before.new_id, secret=SECRET,
            public_url="http://shop", crash_point=crash_point, new_number=new_number,
        )  # fmt: skip

    async def stocked(self, sku: str, amount: int = 5000, quantity: int = 10, **members: Any) -> None:
        """A product of which so many are on the shelf."""
        await self.house.sell(sku, amount, **members)
        await self.shelves.set_level(KEEPER, sku, LevelUpdate(on_hand_milli=quantity * 1000))

    async def ready(self, quantities: dict[str, int], caller: Caller = GUEST, **said: Any) -> Any:
        """A checkout that can be placed."""
        cart = await self.cart_of(quantities, caller)
        return await self.start(cart, caller, **{**READY, **said})

    async def place(self, checkout: Any, caller: Caller = GUEST, **more: Any) -> Placement:
        token = more.pop("token", f"tok_{next(_keys)}")
        request = PlaceRequest(quote_id=more.pop("quote_id", checkout.quote.id), payment=PlacePayment(token=token))
        command = PlaceCommand(request=request, key=more.pop("key", f"key-{next(_keys)}"), **more)
        return await self.orders.place(caller, checkout.id, command)

    async def bought(self, quantities: dict[str, int], caller: Caller = GUEST, **said: Any) -> Order:
        """An order, paid by card unless something else is said."""
        placed = await self.place(await self.ready(quantities, caller, **said), caller)
        assert placed.order is not None
        return placed.order

    async def read_order(self, order: Order) -> Order:
        return await self.orders.order(Caller("robot", frozenset({"orders:any"})), order.id)

    async def payment_of(self, order: Order) -> Payment:
        (payment,) = await self.paying.payments_of(FINANCE, f"order:{order.id}")
        return payment

    async def left(self, sku: str) -> int:
        """How many can be sold."""
        found = await self.shelves.availability([sku])
        return found[sku].available_milli // 1000

    async def gift_card(self, amount: int) -> str:
        card = await self.paying.issue_gift_card(FINANCE, NewGiftCard(amount=Money(amount, "BRL")))
        assert card.code is not None
        return card.code

    async def tell(self, times: int = 1) -> None:
        """Give the news of payments and orders to their consumers, so many times each; old news is left out."""
        services, placings = self.orders.dependencies.services, self.orders.dependencies.placings
        consumers = [payment_consumer(services, placings), cancelled_consumer(services)]
        for event in await self._news():
            if self._told[event.id] >= OLD_NEWS:
                continue
            self._told[event.id] += times
            for consumer in consumers:
                for _ in range(times if event.type in consumer.patterns else 0):
                    await consumer.handler([event])

    async def _news(self) -> list[Event]:
        query = "SELECT event::text FROM {}.outbox ORDER BY position"
        rows = [row for schema in ("payments", "orders") for row in await self.house.pool.fetch(query.format(schema))]
        return [decode(row[0]) for row in rows]

    async def hears(self, ref: str) -> None:
        """The provider's message about one of its payments comes, as it is there now."""
        dependencies = self.paying.dependencies
        async with dependencies.store.unit_of("sim", ref=ref) as unit:
            assert unit is not None
            (means,) = [one for one in unit.means.values() if one.provider_ref == ref]
            apply_record(dependencies, unit, means.id, self.provider.truth[ref])
            following = conclude(dependencies, unit, claimed=True)
        await carry_out(dependencies, known_of(unit), following)

    async def work(self, rounds: int = 20) -> None:
        """As a worker: every process that is due, until there is none."""
        placings = self.orders.dependencies.placings
        assert isinstance(placings, PostgresPlacings)
        for _ in range(rounds):
            if await placings.processes.work_one() is None:
                return

    async def statements(self, work: Coroutine[Any, Any, object]) -> list[str]:
        """The statements that a piece of work runs, without BEGIN, COMMIT and the driver's own."""
        pool, seen = self.house.pool, []

        def note(record: Any) -> None:
            seen.append(" ".join(record.query.split()))

        connections = [await pool.acquire() for _ in range(pool.get_max_size())]
        for connection in connections:
            connection.add_query_logger(note)
        for connection in connections:
            await pool.release(connection)
        await work
        schemas = ("orders.", "payments.", "inventory.", "pricing.", "catalog.", '"orders"')
        return [one for one in seen if any(schema in one for schema in schemas)]
