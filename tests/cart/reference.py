"""A pure model of the cart, written from DESIGN and the contract and not from the scripts: what every store must do."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from renga.domains.cart.contract import USUAL_TERMS, CartTerms
from renga.domains.cart.ports import CartLimits, LineArgument, Rows, TermsChange


class Refused(Exception):
    """The model refuses; ``code`` is the contract's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Line:
    quantity: int
    rows: Rows

    @property
    def price(self) -> int:
        """The price of one piece: that of the last row which the quantity reaches."""
        return max((least, amount) for least, amount in self.rows if least == 1 or least <= self.quantity)[1]


@dataclass
class Cart:
    currency: str
    life_ms: int
    expires_ms: int
    updated_ms: int
    state: str = "open"
    version: int = 1
    owner: str | None = None
    note: str = ""
    coupons: list[str] = field(default_factory=list)
    lines: dict[str, Line] = field(default_factory=dict)
    saved: dict[str, Line] = field(default_factory=dict)
    abandoned: bool = False
    into: str | None = None
    orders: dict[str, int] = field(default_factory=dict)
    terms: CartTerms = USUAL_TERMS


class Model:
    """Carts by id, the events they made, the outcome of every operation key."""

    def __init__(self, limits: CartLimits) -> None:
        self.limits = limits
        self.now_ms = 0
        self.carts: dict[str, Cart] = {}
        self.events: list[tuple[str, str, int]] = []
        self.done: dict[tuple[str, str], int] = {}

    def create(self, cart_id: str, currency: str, life_ms: int) -> None:
        self.carts[cart_id] = Cart(currency, life_ms, self.now_ms + life_ms, self.now_ms)
        self._event(cart_id, "CartCreated")

    def _event(self, cart_id: str, name: str) -> None:
        self.events.append((cart_id, name, self.carts[cart_id].version))

    def _open(self, cart_id: str, caller: str) -> Cart:
        cart = self.carts.get(cart_id)
        if cart is None or (cart.owner is not None and caller not in (cart.owner, "*")):
            raise Refused("cart_not_found")
        refusals = {"expired": "cart_expired", "merged": "cart_merged", "completed": "cart_completed"}
        if cart.state in refusals:
            raise Refused(refusals[cart.state])
        if self.now_ms >= cart.expires_ms:
            raise Refused("cart_expired")
        return cart

    def change(self, cart_id: str, operation: str, name: str, *args: object, caller: str = "") -> int:
        """Do one operation, or replay it; answers with the version. On Refused nothing has changed."""
        cart = self.carts.get(cart_id)
        seen = cart if cart is not None and (cart.owner is None or caller in (cart.owner, "*")) else None
        alive = seen is not None and seen.state not in ("expired", "merged")
        if operation and alive and (cart_id, operation) in self.done:
            return self.done[(cart_id, operation)]
        order = str(args[2]) if name == "complete" and len(args) > 2 else ""
        # the tombstone of a merged cart remembers what was subtracted before
        if seen is not None and seen.state != "expired" and order in seen.orders:
            return seen.orders[order]
        before = deepcopy(self._open(cart_id, caller))
        cart = self.carts[cart_id]
        try:
            event = getattr(self, f"_{name}")(cart, *args)
        except Refused:
            self.carts[cart_id] = before
            raise
        if event is None:
            return cart.version
        cart.version += 1
        cart.updated_ms, cart.expires_ms, cart.abandoned = self.now_ms, self.now_ms + cart.life_ms, False
        cart.state = {"CheckoutStarted": "checkout"}.get(event, "open")
        if event == "CartCompleted" and not cart.lines and not cart.saved:
            cart.state = "completed"
        if order:
            if len(cart.orders) >= self.limits.orders:
                del cart.orders[next(iter(cart.orders))]
            cart.orders[order] = cart.version
        self._event(cart_id, event)
        if operation:
            self.done[(cart_id, operation)] = cart.version
        return cart.version

    @staticmethod
    def _rows(cart: Cart, argument: LineArgument) -> Rows:
        if cart.currency not in argument.prices:
            raise Refused("currency_unavailable")
        return argument.breaks.get(cart.currency) or ((1, argument.prices[cart.currency]),)

    def _put(self, cart: Cart, argument: LineArgument) -> None:
        held = cart.lines.get(argument.line)
        quantity = argument.quantity + (held.quantity if held else 0)
        if quantity > self.limits.quantity:
            raise Refused("quantity_out_of_range")
        if argument.most is not None and quantity > argument.most:
            raise Refused("out_of_stock")
        if held is None:
            rows = self._rows(cart, argument)
            if len(cart.lines) >= self.limits.lines:
                raise Refused("line_limit")
            held = cart.lines[argument.line] = Line(0, rows)
        held.quantity = quantity

    def _add(self, cart: Cart, argument: LineArgument) -> str:
        self._put(cart, argument)
        return "ItemAddedToCart"

    def _set_quantity(self, cart: Cart, line: str, quantity: int, most: int | None = None) -> str:
        if line not in cart.lines:
            raise Refused("line_not_found")
        if quantity > self.limits.quantity:
            raise Refused("quantity_out_of_range")
        if most is not None and cart.lines[line].quantity < quantity > most:
            raise Refused("out_of_stock")
        cart.lines[line].quantity = quantity
        return "CartUpdated"

    def _remove(self, cart: Cart, line: str) -> str:
        if cart.lines.pop(line, None) is None:
            raise Refused("line_not_found")
        return "ItemRemovedFromCart"

    def _replace(self, cart: Cart, arguments: list[LineArgument]) -> str:
        lines = {}
        for argument in arguments:
            held = cart.lines.get(argument.line)
            if argument.quantity > self.limits.quantity:
                raise Refused("quantity_out_of_range")
            if argument.most is not None and argument.quantity > argument.most:
                raise Refused("out_of_stock")
            lines[argument.line] = Line(argument.quantity, held.rows if held else self._rows(cart, argument))
        if len(lines) > self.limits.lines:
            raise Refused("line_limit")
        cart.lines = lines
        return "CartUpdated"

    def _saved(self, cart: Cart, line: str, change: str) -> str:
        source, target = (cart.lines, cart.saved) if change == "save" else (cart.saved, cart.lines)
        if line not in source:
            raise Refused("line_not_found")
        if change == "remove":
            del cart.saved[line]
            return "CartUpdated"
        if line in target:
            target[line].quantity += source[line].quantity
            if target[line].quantity > self.limits.quantity:
                raise Refused("quantity_out_of_range")
        else:
            if len(target) >= self.limits.lines:
                raise Refused("line_limit")
            target[line] = source[line]
        del source[line]
        return "CartUpdated"

    def _coupon(self, cart: Cart, code: str, change: str) -> str:
        if change == "remove":
            cart.coupons = [held for held in cart.coupons if held != code]
        elif code not in cart.coupons:
            if len(cart.coupons) >= self.limits.coupons:
                raise Refused("coupon_limit")
            cart.coupons.append(code)
        return "CartUpdated"

    def _note(self, cart: Cart, note: str) -> str:
        cart.note = note
        return "CartUpdated"

    def _claim(self, cart: Cart, customer: str) -> str | None:
        if cart.owner == customer:
            return None
        if cart.owner is not None:
            raise Refused("cart_not_found")
        cart.owner = customer
        return "CartUpdated"

    def _set_terms(self, cart: Cart, change: TermsChange) -> str | None:
        if change.owner is not None and cart.owner not in (None, change.owner):
            raise Refused("cart_not_found")
        owned = change.owner is None or cart.owner is not None
        if owned and (cart.currency, cart.terms) == (change.currency, change.terms):
            return None
        if not {*cart.lines, *cart.saved} <= set(change.rows):
            raise Refused("cart_lines_differ")
        for lines in (cart.lines, cart.saved):
            for line, held in lines.items():
                held.rows = change.rows[line]
        cart.currency, cart.terms, cart.owner = change.currency, change.terms, change.owner or cart.owner
        return "CartUpdated"

    def _checkout(self, cart: Cart) -> str:
        return "CheckoutStarted"

    def _complete(self, cart: Cart, ordered: dict[str, int], coupons: Sequence[str] = (), order: str = "") -> str:
        cart.coupons = [code for code in cart.coupons if code not in coupons]
        for line, quantity in ordered.items():
            if line in cart.lines:
                cart.lines[line].quantity -= quantity
                if cart.lines[line].quantity <= 0:
                    del cart.lines[line]
        return "CartCompleted"

    def merge(self, target_id: str, source_id: str) -> int:
        """Both carts are guests' and in the same currency; prices stay as they were."""
        source = self._open(source_id, "*")
        target = deepcopy(self._open(target_id, "*"))
        for mine, theirs in ((target.lines, source.lines), (target.saved, source.saved)):
            for line, held in theirs.items():
                if line in mine:
                    mine[line].quantity = min(mine[line].quantity + held.quantity, self.limits.quantity)
                else:
                    mine[line] = Line(held.quantity, held.rows)
            if len(mine) > self.limits.lines:
                raise Refused("line_limit")
        target.coupons = list(dict.fromkeys([*target.coupons, *source.coupons]))[: self.limits.coupons]
        target.version += 1
        target.updated_ms, target.expires_ms = self.now_ms, self.now_ms + target.life_ms
        target.abandoned, target.state = False, "open"
        self.carts[target_id] = target
        source.state, source.into, source.version = "merged", target_id, source.version + 1
        self._event(target_id, "CartMerged")
        self._event(source_id, "CartUpdated")
        return target.version

    def erase(self, cart_id: str, customer: str) -> bool:
        """The person is forgotten, whatever the state; the cart lives on as long as it would have."""
        cart = self.carts[cart_id]
        if cart.owner != customer:
            return False
        cart.owner, cart.note, cart.version = None, "", cart.version + 1
        cart.terms = CartTerms(channel=cart.terms.channel, country=cart.terms.country, region=cart.terms.region)
        if cart.state not in ("expired", "merged"):
            self._event(cart_id, "CartUpdated")
        return True

    def sweep(self) -> None:
        """Everything that is due happens: each cart expires once, and is abandoned once per idle spell."""
        for cart_id, cart in self.carts.items():
            if cart.state not in ("open", "checkout"):
                continue
            if self.now_ms >= cart.expires_ms:
                cart.state, cart.version = "expired", cart.version + 1
                self._event(cart_id, "CartExpired")
            elif cart.lines and not cart.abandoned and self.now_ms >= cart.updated_ms + self.limits.abandoned_after_ms:
                cart.abandoned = True
                self._event(cart_id, "CartAbandoned")
