"""The contracts in this process."""

import msgspec

from renga.domains.payments import gift_cards, read_payments, saved_methods, store_credit
from renga.domains.payments.capture import capture
from renga.domains.payments.contract.payments import NewPayment, OfferedMethod, Payment
from renga.domains.payments.contract.service import CaptureRequest, LateMoney, RefundRequest, VoidRequest
from renga.domains.payments.contract.wallets import (
    GiftCard,
    NewGiftCard,
    NewStoreCredit,
    SavedCharge,
    SavedPaymentMethod,
    StoreCredit,
)
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.offer_methods import offer_methods
from renga.domains.payments.pay import pay
from renga.domains.payments.refund import refund
from renga.domains.payments.void import void
from renga.kernel.caller import Caller
from renga.kernel.money import Money


class LocalPayments(msgspec.Struct, frozen=True):
    """Implements ``contract.service.Payments`` and ``contract.wallets.Wallets``."""

    dependencies: PaymentDependencies

    async def offered(self, amount: Money, country: str) -> tuple[OfferedMethod, ...]:
        return offer_methods(self.dependencies, amount, country)

    async def pay(self, caller: Caller, new: NewPayment) -> Payment:
        return await pay(self.dependencies, caller, new)

    async def payment(self, caller: Caller, payment_id: str) -> Payment:
        return await read_payments.read_payment(self.dependencies, caller, payment_id)

    async def payments_of(self, caller: Caller, reference: str) -> tuple[Payment, ...]:
        return await read_payments.list_payments(self.dependencies, caller, reference)

    async def pix_payload(self, payment_id: str) -> str:
        return await read_payments.pix_payload(self.dependencies, payment_id)

    async def capture(self, caller: Caller, payment_id: str, request: CaptureRequest) -> Payment:
        return await capture(self.dependencies, caller, payment_id, request)

    async def void(self, caller: Caller, payment_id: str, request: VoidRequest) -> Payment:
        return await void(self.dependencies, caller, payment_id, request)

    async def refund(self, caller: Caller, payment_id: str, request: RefundRequest) -> Payment:
        return await refund(self.dependencies, caller, payment_id, request)

    def answer_late_money(self, answer: LateMoney) -> None:
        self.dependencies.late_money.answer = answer

    async def issue_gift_card(self, caller: Caller, new: NewGiftCard, *, key: str | None = None) -> GiftCard:
        return await gift_cards.issue_gift_card(self.dependencies, caller, new, key)

    async def gift_card(self, caller: Caller, identifier: str) -> GiftCard:
        return await gift_cards.read_gift_card(self.dependencies, caller, identifier)

    async def grant_store_credit(self, caller: Caller, new: NewStoreCredit, *, key: str | None = None) -> StoreCredit:
        return await store_credit.grant_store_credit(self.dependencies, caller, new, key)

    async def own_store_credit(self, caller: Caller) -> StoreCredit:
        return await store_credit.read_own_store_credit(self.dependencies, caller)

    async def saved_methods(self, caller: Caller) -> tuple[SavedPaymentMethod, ...]:
        return await saved_methods.list_saved(self.dependencies, caller)

    async def remove_saved_method(self, caller: Caller, identifier: str) -> None:
        await saved_methods.remove_saved(self.dependencies, caller, identifier)

    async def charge_saved(self, caller: Caller, charge: SavedCharge) -> Payment:
        return await saved_methods.charge_saved(self.dependencies, caller, charge)
