"""The contracts in this process."""

from collections.abc import Mapping
from functools import partial
from typing import Literal

import msgspec

from renga.domains.payments import gift_cards, read_payments, saved_methods, store_credit
from renga.domains.payments.capture import capture
from renga.domains.payments.contract.payments import (
    CaptureMoment,
    NewPayment,
    OfferedMethod,
    Payment,
    PaymentMethod,
)
from renga.domains.payments.contract.service import CaptureRequest, LateMoney, RefundRequest, VoidRequest
from renga.domains.payments.contract.wallets import (
    GiftCard,
    NewGiftCard,
    NewStoreCredit,
    SavedCharge,
    SavedPaymentMethod,
    StoreCredit,
)
from renga.domains.payments.contract.webhooks import (
    UnknownOperation,
    WebhookEvent,
    WebhookPage,
    WebhookReceipt,
    WebhookState,
)
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.finance.access import sees_merchant
from renga.domains.payments.finance.local import LocalFinance
from renga.domains.payments.janitor.list_unknown import list_unknown
from renga.domains.payments.ledger.local import LocalLedger
from renga.domains.payments.offer_methods import offer_methods
from renga.domains.payments.pay import pay
from renga.domains.payments.refund import refund
from renga.domains.payments.risk.review_payment import review_payment
from renga.domains.payments.void import void
from renga.domains.payments.webhooks.list_events import list_events
from renga.domains.payments.webhooks.receive_webhook import receive_webhook
from renga.domains.payments.webhooks.retry_event import replay_event
from renga.kernel.caller import Caller
from renga.kernel.money import Money
from renga.kernel.once import Replay


class LocalPayments(msgspec.Struct, frozen=True):
    """Implements ``contract.service.Payments``, ``contract.wallets.Wallets`` and ``contract.webhooks.PaymentOperations``."""

    dependencies: PaymentDependencies

    @property
    def ledger(self) -> LocalLedger:
        return LocalLedger(self.dependencies.ledger, partial(sees_merchant, self.dependencies.finance))

    @property
    def finance(self) -> LocalFinance:
        return LocalFinance(self.dependencies.finance)

    async def offered(self, amount: Money, country: str) -> tuple[OfferedMethod, ...]:
        return offer_methods(self.dependencies, amount, country)

    async def capture_moment(self, method: PaymentMethod) -> CaptureMoment:
        return self.dependencies.settings.capture_moments().get(method, "placement")

    async def pay(self, caller: Caller, new: NewPayment, *, replay: Replay | None = None) -> Payment:
        return await pay(self.dependencies, caller, new, replay=replay)

    async def payment(self, caller: Caller, payment_id: str) -> Payment:
        return await read_payments.read_payment(self.dependencies, caller, payment_id)

    async def payments_of(self, caller: Caller, reference: str) -> tuple[Payment, ...]:
        return await read_payments.list_payments(self.dependencies, caller, reference)

    async def pix_payload(self, payment_id: str) -> str:
        return await read_payments.pix_payload(self.dependencies, payment_id)

    async def capture(
        self, caller: Caller, payment_id: str, request: CaptureRequest, *, replay: Replay | None = None
    ) -> Payment:
        return await capture(self.dependencies, caller, payment_id, request, replay=replay)

    async def void(
        self, caller: Caller, payment_id: str, request: VoidRequest, *, replay: Replay | None = None
    ) -> Payment:
        return await void(self.dependencies, caller, payment_id, request, replay=replay)

    async def refund(
        self, caller: Caller, payment_id: str, request: RefundRequest, *, replay: Replay | None = None
    ) -> Payment:
        return await refund(self.dependencies, caller, payment_id, request, replay=replay)

    async def receive(self, provider: str, headers: Mapping[str, str], body: bytes) -> WebhookReceipt:
        return await receive_webhook(self.dependencies, provider, headers, body)

    async def webhook_events(
        self, caller: Caller, *, state: WebhookState | None = None, cursor: str | None = None, limit: int = 50
    ) -> WebhookPage:
        return await list_events(self.dependencies, caller, state=state, cursor=cursor, limit=limit)

    async def replay(self, caller: Caller, provider: str, event_id: str) -> WebhookEvent:
        return await replay_event(self.dependencies, caller, provider, event_id)

    async def review(self, caller: Caller, payment_id: str, decision: Literal["accept", "refuse"]) -> Payment:
        return await review_payment(self.dependencies, caller, payment_id, decision)

    async def unknown(self, caller: Caller, *, older_than_s: int = 60) -> tuple[UnknownOperation, ...]:
        return await list_unknown(self.dependencies, caller, older_than_s)

    def answer_late_money(self, answer: LateMoney) -> None:
        self.dependencies.late_money.answer = answer

    async def issue_gift_card(
        self, caller: Caller, new: NewGiftCard, *, key: str | None = None, replay: Replay | None = None
    ) -> GiftCard:
        return await gift_cards.issue_gift_card(self.dependencies, caller, new, key, replay)

    async def gift_card(self, caller: Caller, identifier: str) -> GiftCard:
        return await gift_cards.read_gift_card(self.dependencies, caller, identifier)

    async def gift_card_balance(self, caller: Caller, code: str) -> Money:
        return await gift_cards.gift_card_balance(self.dependencies, caller, code)

    async def grant_store_credit(
        self, caller: Caller, new: NewStoreCredit, *, key: str | None = None, replay: Replay | None = None
    ) -> StoreCredit:
        return await store_credit.grant_store_credit(self.dependencies, caller, new, key, replay)

    async def own_store_credit(self, caller: Caller) -> StoreCredit:
        return await store_credit.read_own_store_credit(self.dependencies, caller)

    async def saved_methods(self, caller: Caller) -> tuple[SavedPaymentMethod, ...]:
        return await saved_methods.list_saved(self.dependencies, caller)

    async def remove_saved_method(self, caller: Caller, identifier: str) -> None:
        await saved_methods.remove_saved(self.dependencies, caller, identifier)

    async def charge_saved(self, caller: Caller, charge: SavedCharge) -> Payment:
        return await saved_methods.charge_saved(self.dependencies, caller, charge)
