"""The cart's contract, served by the use cases in this process."""

from collections.abc import Sequence

from renga.domains.cart.add_line import add_line
from renga.domains.cart.claim_cart import claim_cart
from renga.domains.cart.complete_cart import complete_cart
from renga.domains.cart.contract import Cart, Change, NewLine, TakenOver, Write
from renga.domains.cart.create_cart import create_cart
from renga.domains.cart.dependencies import CartDependencies
from renga.domains.cart.keep_coupon import keep_coupon
from renga.domains.cart.merge_carts import merge_carts
from renga.domains.cart.read_cart import read_cart
from renga.domains.cart.remove_line import remove_line
from renga.domains.cart.replace_lines import replace_lines
from renga.domains.cart.sample_carts import sample_carts
from renga.domains.cart.save_for_later import save_for_later
from renga.domains.cart.set_note import set_note
from renga.domains.cart.set_quantity import set_quantity
from renga.domains.cart.set_terms import set_terms
from renga.domains.cart.start_checkout import start_checkout
from renga.domains.cart.take_over import take_over
from renga.kernel.buyer_terms import DEFAULT_CHANNEL
from renga.kernel.caller import Caller


class LocalCarts:
    """Implements ``Carts`` and ``CartSamples``."""

    def __init__(self, dependencies: CartDependencies) -> None:
        self._dependencies = dependencies

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
        return await create_cart(
            self._dependencies,
            caller,
            currency,
            channel=channel,
            country=country,
            region=region,
            expires_in_s=expires_in_s,
            write=write,
        )

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
        return await set_terms(
            self._dependencies, caller, cart_id, currency, channel=channel, country=country, region=region, write=write
        )

    async def read(self, caller: Caller, cart_id: str) -> Cart:
        return await read_cart(self._dependencies, caller, cart_id)

    async def add_line(self, caller: Caller, cart_id: str, line: NewLine, write: Write) -> Change:
        return await add_line(self._dependencies, caller, cart_id, line, write)

    async def set_quantity(self, caller: Caller, cart_id: str, line: str, quantity: int, write: Write) -> Change:
        return await set_quantity(self._dependencies, caller, cart_id, line, quantity, write)

    async def remove_line(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        return await remove_line(self._dependencies, caller, cart_id, line, write)

    async def replace_lines(self, caller: Caller, cart_id: str, lines: Sequence[NewLine], write: Write) -> Change:
        return await replace_lines(self._dependencies, caller, cart_id, lines, write)

    async def clear(self, caller: Caller, cart_id: str, write: Write) -> Change:
        return await replace_lines(self._dependencies, caller, cart_id, (), write)

    async def merge(self, caller: Caller, cart_id: str, source_id: str, write: Write) -> Change:
        return await merge_carts(self._dependencies, caller, cart_id, source_id, write)

    async def claim(self, caller: Caller, cart_id: str, write: Write) -> Change:
        return await claim_cart(self._dependencies, caller, cart_id, write)

    async def take_over(self, caller: Caller, guest_cart_id: str | None) -> TakenOver:
        return await take_over(self._dependencies, caller, guest_cart_id)

    async def save_for_later(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        return await save_for_later(self._dependencies, caller, cart_id, line, "save", write)

    async def restore_saved(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        return await save_for_later(self._dependencies, caller, cart_id, line, "restore", write)

    async def remove_saved(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        return await save_for_later(self._dependencies, caller, cart_id, line, "remove", write)

    async def apply_coupon(self, caller: Caller, cart_id: str, code: str, write: Write) -> Change:
        return await keep_coupon(self._dependencies, caller, cart_id, code, "apply", write)

    async def remove_coupon(self, caller: Caller, cart_id: str, code: str, write: Write) -> Change:
        return await keep_coupon(self._dependencies, caller, cart_id, code, "remove", write)

    async def set_note(self, caller: Caller, cart_id: str, note: str, write: Write) -> Change:
        return await set_note(self._dependencies, caller, cart_id, note, write)

    async def start_checkout(self, caller: Caller, cart_id: str, write: Write) -> Change:
        return await start_checkout(self._dependencies, caller, cart_id, write)

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
        return await complete_cart(self._dependencies, caller, cart_id, ordered, write, coupons, order_id)

    async def newest(self, caller: Caller, limit: int) -> Sequence[Cart]:
        return await sample_carts(self._dependencies, caller, limit)
