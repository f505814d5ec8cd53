"""The saga that places an order, on ``platform/process``: each step beside its undo. Any worker resumes it.

hold       uses of promotions and stock             undo: give them back, open the checkout again, tell the caller why
authorise  the payment, no transaction is open      undo: void or refund it
place      the order with its outbox row, in one transaction; from here on there is no way back
follow     commit what is held, take the money, complete the cart; tried until it is done
"""

from typing import Any

import msgspec

from renga.domains.cart.contract import CartAlreadyCompleted, CartHasExpired, CartNotFound, Write
from renga.domains.orders.contract.errors import OrderPaymentDeclined
from renga.domains.orders.goods import hold_goods, release_goods
from renga.domains.orders.model.advancing_orders import placed_order
from renga.domains.orders.model.answers import action_of, refusal_of
from renga.domains.orders.model.order_record import OrderRecord
from renga.domains.orders.model.paying import standing_of
from renga.domains.orders.model.placing import Placing, payment_of
from renga.domains.orders.placing_services import AT_CARTS, AT_PAYMENTS, PlacingServices
from renga.domains.orders.recording import event_of
from renga.domains.orders.settling import close_cancelled, give_back, settle, write_settlement
from renga.domains.payments.contract.payments import Payment
from renga.kernel.errors import RengaError, Unavailable
from renga.platform.process.model import Definition, Done, Lease, State, Step, StepFailed, Wait

#: The name of the processes, and of the signal that there is news of the payment.
PLACING, NEWS = "placing", "payment"
#: Wait before a step that must succeed is tried again, and before a silent payment is looked at again.
FOLLOW_WAIT_MS, SILENT_WAIT_MS = 1_000, 1_000

#: What an ended process does not keep: the buyer's data is in the order.
_FORGOTTEN: State = {"placing": None, "payment": None, "token": None, "refused": None}


def definition(services: PlacingServices) -> Definition:
    """The steps in their order."""
    steps = PlacingSteps(services)
    return Definition(
        name=PLACING,
        steps=(
            Step("hold", steps.hold, steps.undo_hold),
            Step("authorise", steps.authorise, steps.undo_authorise),
            Step("place", steps.place),
            Step("follow", steps.follow),
        ),
    )


def first_state(placing: Placing, token: str | None) -> State:
    """The state that a process begins with."""
    return {"placing": msgspec.to_builtins(placing), "token": token}


class PlacingSteps:
    """The steps. A refusal is kept in the state, so that the undos can tell it; the next step then fails."""

    def __init__(self, services: PlacingServices) -> None:
        self._services, self._writes = services, services.writes
        self._just_placed: set[str] = set()

    async def hold(self, lease: Lease) -> Done:
        placing = _placing(lease)
        try:
            await hold_goods(
                self._services, placing, key=placing.reference, from_ms=placing.created_ms, seconds=placing.hold_s
            )
        except Unavailable:
            raise
        except RengaError as error:
            return _refused(error)
        return Done()

    async def undo_hold(self, lease: Lease) -> Done:
        placing, answer = _placing(lease), lease.state.get("refused")
        if await self._is_placed(placing):
            return await self._ended_as_placed(placing)
        await release_goods(self._services, placing, placing.reference)
        now_ms, life_ms = self._services.clock.now_ms(), self._services.settings.checkout_life_s * 1000

        async def reopen(connection: Any) -> None:
            await self._writes.reopen(connection, placing.checkout_id, now_ms + life_ms)
            if answer is None:  # an engine was away for too long: the same key may try again
                await self._writes.forget(connection, placing.attempt_id)
            else:
                await self._writes.answer(connection, placing.attempt_id, answer, "failed", now_ms)

        return Done(_FORGOTTEN, reopen)

    async def authorise(self, lease: Lease) -> Done | Wait:
        _check(lease)
        services, placing = self._services, _placing(lease)
        if placing.due <= 0:
            return Done()
        known = lease.state.get("payment")
        try:
            if known is None:
                payment = await services.payments.pay(AT_PAYMENTS, payment_of(placing, lease.state["token"]))
            else:
                payment = await services.payments.payment(AT_PAYMENTS, known["id"])
        except Unavailable:
            raise
        except RengaError as error:
            return _refused(error, {"token": None})
        return self._authorised(placing, payment)

    def _authorised(self, placing: Placing, payment: Payment) -> Done | Wait:
        standing, now_ms = standing_of(payment), self._services.clock.now_ms()
        state: State = {"payment": msgspec.to_builtins(payment), "token": None}
        if standing in ("over", "returned"):
            reason = payment.reason or "card_declined"
            return _refused(OrderPaymentDeclined(f"the payment was declined: {reason}", reason=reason), state)
        if standing in ("held", "paid") or payment.pix is not None or payment.boleto is not None:
            return Done(state)
        until_ms = placing.buyer_until_ms
        if now_ms >= until_ms:
            return _refused(OrderPaymentDeclined("the payment was not confirmed in time", reason="expired"), state)
        if standing == "action" and payment.action is not None:
            answer = action_of(payment.action.url)

            async def tell(connection: Any) -> None:
                await self._writes.answer(connection, placing.attempt_id, answer, "live", now_ms)

            return Wait(until_ms, NEWS, state, tell)
        return Wait(min(until_ms, now_ms + SILENT_WAIT_MS), NEWS, state)

    async def undo_authorise(self, lease: Lease) -> Done:
        placing = _placing(lease)
        if not await self._is_placed(placing):
            await give_back(self._services, placing.reference)
        return Done()

    async def _is_placed(self, placing: Placing) -> bool:
        """An order is never undone, whatever broke after it was written: news of its payment brings it on."""
        return await self._services.orders.order(placing.order_id) is not None

    async def _ended_as_placed(self, placing: Placing) -> Done:
        now_ms = self._services.clock.now_ms()

        async def write(connection: Any) -> None:
            await self._writes.answer(connection, placing.attempt_id, {}, "placed", now_ms)

        return Done(_FORGOTTEN, write)

    async def place(self, lease: Lease) -> Done:
        _check(lease)
        services, placing, payment = self._services, _placing(lease), _payment(lease)
        now_ms = services.clock.now_ms()

        async def write(connection: Any) -> None:
            change = placed_order(placing, services.new_number(), payment, now_ms)
            fact = event_of(change.facts[0], placing.order_id, 1, services.clock, services.new_id)
            await self._writes.order(connection, change, [fact], services.new_number)
            await self._writes.complete(connection, placing.checkout_id, now_ms)
            self._just_placed.add(placing.order_id)

        return Done(effect=write)

    async def follow(self, lease: Lease) -> Done | Wait:
        """Nothing is undone any more: whatever is away is waited for."""
        services, placing = self._services, _placing(lease)
        completed = await self._complete_cart(placing)
        settlement = None
        if not lease.state.get("settled"):
            payment = _payment(lease)
            try:
                if payment is not None and standing_of(payment) == "open":
                    payment = await services.payments.payment(AT_PAYMENTS, payment.id)
                order = await self._followed(placing, payment)
                if order.state == "cancelled":
                    await close_cancelled(services, order)
                else:
                    settlement = await settle(services, order, payment)
            except Unavailable:
                return Wait(services.clock.now_ms() + FOLLOW_WAIT_MS)
        now_ms = services.clock.now_ms()

        async def write(connection: Any) -> None:
            if settlement is not None:
                unit = await self._writes.unit(connection, placing.order_id)
                if unit.order.state == "cancelled":
                    raise Unavailable("the order was cancelled meanwhile; what was held for it is given back")
                await write_settlement(services, unit, settlement)
            if completed:
                await self._writes.answer(connection, placing.attempt_id, {}, "placed", now_ms)

        if not completed:
            return Wait(now_ms + FOLLOW_WAIT_MS, state={"settled": True}, effect=write)
        return Done(_FORGOTTEN, write)

    async def _followed(self, placing: Placing, payment: Payment | None) -> OrderRecord:
        """The order. If this process has just placed it, it is not read: being cancelled since is seen when it is written."""
        if placing.order_id in self._just_placed:
            self._just_placed.discard(placing.order_id)
            return placed_order(placing, "", payment, placing.created_ms).order
        order = await self._services.orders.order(placing.order_id)
        assert order is not None, "the step before has written it"
        return order

    async def _complete_cart(self, placing: Placing) -> bool:
        """False: the cart store is away."""
        lines = {
            line.line: round(line.quantity) for line in placing.quote.quote.lines if line.quantity and not line.gift
        }
        coupons = [one.code for one in placing.quote.quote.coupons if one.refused is None]
        try:
            await self._services.carts.complete(
                AT_CARTS, placing.cart_id, lines, Write(whole=False), coupons=coupons, order_id=placing.order_id
            )
        except (CartNotFound, CartHasExpired, CartAlreadyCompleted):
            return True  # there is nothing left to take out of it
        except Unavailable:
            return False
        return True


def _placing(lease: Lease) -> Placing:
    return msgspec.convert(lease.state["placing"], Placing)


def _payment(lease: Lease) -> Payment | None:
    found = lease.state.get("payment")
    return None if found is None else msgspec.convert(found, Payment)


def _refused(error: RengaError, state: State | None = None) -> Done:
    return Done({**(state or {}), "refused": refusal_of(error)})


def _check(lease: Lease) -> None:
    """Raises StepFailed if a step before has found that it cannot be placed."""
    if "refused" in lease.state:
        raise StepFailed("the attempt was refused")
