"""The carts in memory, true to their contract, for tests of the storefront."""

from collections.abc import Sequence

import msgspec

from renga.domains.cart.contract import (
    Cart,
    CartAlreadyCompleted,
    CartHasExpired,
    CartNotFound,
    CartTerms,
    Change,
    Counts,
    CurrencyUnavailable,
    IdempotencyConflict,
    Line,
    LineLimit,
    LineNotFound,
    NewLine,
    QuantityOutOfRange,
    TakenOver,
    Totals,
    VariantNotFound,
    Write,
)
from renga.kernel.buyer_terms import DEFAULT_CHANNEL
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock, ManualClock, rfc3339
from renga.kernel.errors import Unprocessable
from renga.kernel.ids import id_source
from renga.kernel.languages import text_in
from renga.kernel.money import Money
from tests.catalog.fake import FakeCatalog

QUANTITY_MAX = 999
LINES_MAX = 50
LIFE_MS = 7 * 24 * 3600 * 1000
BEYOND = "the storefront does not do this to a cart"


class FakeCarts:
    """Carts in a dictionary. ``trouble`` is raised by every call while it is set, ``no_take_over`` by that one;
    ``writes`` are all that were done,
    ``customers`` all that carts were read or written as (None: a guest).
    """

    def __init__(self, catalog: FakeCatalog, clock: Clock | None = None) -> None:
        self._catalog = catalog
        self.clock = clock or ManualClock()
        self._new_id = id_source(self.clock)
        self._done: dict[str, tuple[object, str]] = {}
        self.carts: dict[str, Cart] = {}
        self.expired: set[str] = set()
        self.current: dict[str, str] = {}
        self.no_take_over: Exception | None = None
        self.trouble: Exception | None = None
        self.writes: list[str] = []
        self.customers: set[str | None] = set()

    def expire(self, cart_id: str) -> None:
        self.expired.add(cart_id)

    def put(self, cart: Cart) -> None:
        self.carts[cart.id] = cart

    async def create(
        self,
        caller: Caller,
        currency: str,
        *,
        channel: str = DEFAULT_CHANNEL,
        country: str = "",
        region: str = "",
        expires_in_s: int | None = None,
        write: Write,
    ) -> Change:
        self._open()
        asked = ("create", currency)
        if (key := self._replayed(write.scope, asked, write)) is not None:
            return self._change(self.carts[key], replayed=True)
        now = self.clock.now_ms()
        nothing = Money(0, currency)
        cart = Cart(
            id=self._new_id(),
            version=0,
            currency=currency,
            terms=CartTerms(channel=channel, country=country, region=region),
            state="open",
            created_at=rfc3339(now),
            updated_at=rfc3339(now),
            expires_at=rfc3339(now + LIFE_MS),
            totals=Totals(subtotal=nothing, total=nothing),
            counts=Counts(lines=0, items=0),
        )
        self.put(cart)
        self._remember(caller, write.scope, asked, write, cart.id)
        return self._change(cart)

    async def take_over(self, caller: Caller, guest_cart_id: str | None) -> TakenOver:
        self._open()
        if self.no_take_over is not None:
            raise self.no_take_over
        customer = caller.identified()
        mine = self.current.setdefault(customer, guest_cart_id) if guest_cart_id else self.current.get(customer)
        return TakenOver(cart_id=mine)

    async def read(self, caller: Caller, cart_id: str) -> Cart:
        self._open()
        self.customers.add(caller.subject)
        cart = self._find(cart_id)
        return msgspec.structs.replace(cart, lines=tuple(self._today(line) for line in cart.lines))

    async def add_line(self, caller: Caller, cart_id: str, line: NewLine, write: Write) -> Change:
        cart = self._writable(cart_id)
        if self._replayed(cart_id, line, write) is not None:
            return self._change(cart, replayed=True)
        old = next((known for known in cart.lines if known.sku == line.sku), None)
        quantity = line.quantity + (old.quantity if old else 0)
        self._check_quantity(line.quantity, quantity)
        if old is None and len(cart.lines) >= LINES_MAX:
            raise LineLimit(limit=LINES_MAX)
        made = self._line(cart, line.sku, quantity, old, write)
        lines = [made if known is old else known for known in cart.lines] + ([made] if old is None else [])
        return self._keep(caller, cart, lines, write, line)

    async def set_quantity(self, caller: Caller, cart_id: str, line: str, quantity: int, write: Write) -> Change:
        cart = self._writable(cart_id)
        if self._replayed(cart_id, (line, quantity), write) is not None:
            return self._change(cart, replayed=True)
        self._check_quantity(quantity, quantity)
        old = self._line_of(cart, line)
        made = self._line(cart, old.sku, quantity, old, write)
        return self._keep(
            caller, cart, [made if known is old else known for known in cart.lines], write, (line, quantity)
        )

    async def remove_line(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        cart = self._writable(cart_id)
        if self._replayed(cart_id, line, write) is not None:
            return self._change(cart, replayed=True)
        old = self._line_of(cart, line)
        return self._keep(caller, cart, [known for known in cart.lines if known is not old], write, line)

    async def replace_lines(self, caller: Caller, cart_id: str, lines: Sequence[NewLine], write: Write) -> Change:
        cart = self._writable(cart_id)
        if self._replayed(cart_id, tuple(lines), write) is not None:
            return self._change(cart, replayed=True)
        made = [self._line(cart, line.sku, line.quantity, None, write) for line in lines]
        return self._keep(caller, cart, made, write, tuple(lines))

    async def set_terms(
        self,
        caller: Caller,
        cart_id: str,
        currency: str,
        *,
        channel: str = DEFAULT_CHANNEL,
        country: str = "",
        region: str = "",
        write: Write,
    ) -> Change:
        cart = self._writable(cart_id)
        if self._replayed(cart_id, currency, write) is not None:
            return self._change(cart, replayed=True)
        priced = msgspec.structs.replace(cart, currency=currency)
        made = [self._line(priced, line.sku, line.quantity, None, write) for line in cart.lines]
        return self._keep(caller, priced, made, write, currency)

    async def clear(self, caller: Caller, cart_id: str, write: Write) -> Change:
        raise NotImplementedError(BEYOND)

    async def merge(self, caller: Caller, cart_id: str, source_id: str, write: Write) -> Change:
        raise NotImplementedError(BEYOND)

    async def claim(self, caller: Caller, cart_id: str, write: Write) -> Change:
        raise NotImplementedError(BEYOND)

    async def save_for_later(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        raise NotImplementedError(BEYOND)

    async def restore_saved(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        raise NotImplementedError(BEYOND)

    async def remove_saved(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        raise NotImplementedError(BEYOND)

    async def apply_coupon(self, caller: Caller, cart_id: str, code: str, write: Write) -> Change:
        cart = self._writable(cart_id)
        if not code.isalnum():
            raise Unprocessable("no coupon code", field="code")
        coupons = (*(held for held in cart.coupons if held != code.upper()), code.upper())
        return self._keep(caller, msgspec.structs.replace(cart, coupons=coupons), list(cart.lines), write, code)

    async def remove_coupon(self, caller: Caller, cart_id: str, code: str, write: Write) -> Change:
        cart = self._writable(cart_id)
        coupons = tuple(held for held in cart.coupons if held != code)
        return self._keep(caller, msgspec.structs.replace(cart, coupons=coupons), list(cart.lines), write, code)

    async def set_note(self, caller: Caller, cart_id: str, note: str, write: Write) -> Change:
        raise NotImplementedError(BEYOND)

    async def start_checkout(self, caller: Caller, cart_id: str, write: Write) -> Change:
        raise NotImplementedError(BEYOND)

    async def complete(
        self,
        caller: Caller,
        cart_id: str,
        ordered: dict[str, int],
        write: Write,
        *,
        coupons: Sequence[str] = (),
        order_id: str | None = None,
    ) -> Change:
        raise NotImplementedError(BEYOND)

    def _open(self) -> None:
        if self.trouble:
            raise self.trouble

    def _find(self, cart_id: str) -> Cart:
        if cart_id in self.expired:
            raise CartHasExpired
        if cart_id not in self.carts:
            raise CartNotFound
        return self.carts[cart_id]

    def _writable(self, cart_id: str) -> Cart:
        self._open()
        cart = self._find(cart_id)
        if cart.state == "completed":
            raise CartAlreadyCompleted
        return cart

    def _replayed(self, scope: str, asked: object, write: Write) -> str | None:
        known = self._done.get(f"{scope} {write.key}") if write.key else None
        if known is None:
            return None
        if known[0] != asked:
            raise IdempotencyConflict
        return known[1]

    def _remember(self, caller: Caller, scope: str, asked: object, write: Write, outcome: str) -> None:
        self.writes.append(write.key or "")
        self.customers.add(caller.subject)
        if write.key:
            self._done[f"{scope} {write.key}"] = (asked, outcome)

    def _check_quantity(self, asked: int, total: int) -> None:
        if asked < 1 or total > QUANTITY_MAX:
            raise QuantityOutOfRange(minimum=1, maximum=QUANTITY_MAX)

    def _line_of(self, cart: Cart, line: str) -> Line:
        found = next((known for known in cart.lines if known.line == line), None)
        if found is None:
            raise LineNotFound
        return found

    def _line(self, cart: Cart, sku: str, quantity: int, old: Line | None, write: Write) -> Line:
        offer = self._catalog.offer(sku)
        if old is not None:
            total = old.unit_price * quantity
            return msgspec.structs.replace(old, quantity=quantity, line_total=total)
        if offer is None:
            raise VariantNotFound
        if cart.currency not in offer.prices:
            raise CurrencyUnavailable
        price = Money(offer.prices[cart.currency], cart.currency)
        return Line(
            line=f"l-{sku.lower()}",
            sku=sku,
            title=text_in(offer.title, (write.language.lower(),)) or "",
            quantity=quantity,
            unit_price=price,
            line_total=price * quantity,
        )

    def _keep(self, caller: Caller, cart: Cart, lines: list[Line], write: Write, asked: object) -> Change:
        total = Money(sum(line.line_total.amount for line in lines), cart.currency)
        made = msgspec.structs.replace(
            cart,
            version=cart.version + 1,
            lines=tuple(lines),
            totals=Totals(subtotal=total, total=total),
            counts=Counts(lines=len(lines), items=sum(line.quantity for line in lines)),
        )
        self.put(made)
        self._remember(caller, cart.id, asked, write, cart.id)
        return self._change(made)

    def _change(self, cart: Cart, *, replayed: bool = False) -> Change:
        return Change(cart_id=cart.id, version=cart.version, etag=str(cart.version), cart=cart, replayed=replayed)

    def _today(self, line: Line) -> Line:
        offer = self._catalog.offer(line.sku)
        amount = offer.prices.get(line.unit_price.currency) if offer else None
        now = Money(amount, line.unit_price.currency) if amount is not None else None
        moved = now is not None and now != line.unit_price
        return msgspec.structs.replace(line, price_moved=moved, current_price=now)
