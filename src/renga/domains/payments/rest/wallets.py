"""REST: gift cards and store credit for finance, saved methods and store credit of the caller."""

from typing import Any

import msgspec

from renga.domains.payments.contract.errors import AmountExceeded, GiftCardNotFound, ProviderAway, SavedMethodNotFound
from renga.domains.payments.contract.wallets import (
    GiftCard,
    NewGiftCard,
    NewStoreCredit,
    SavedPaymentMethod,
    StoreCredit,
)
from renga.domains.payments.rest.shared import BODY, FINANCE, FINANCE_READER, NO_STORE, OWN, READ, TAG, replayed
from renga.kernel.money import UnknownCurrency
from renga.kernel.once import IdempotencyConflict, Replay
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.requests import REPLAYED, key_of
from renga.platform.http.typed_bodies import decoded

_gift_card = msgspec.json.Decoder(NewGiftCard)
_credit = msgspec.json.Decoder(NewStoreCredit)
_encode = msgspec.json.Encoder().encode
_REPLAYED = {"Idempotency-Replayed": str(REPLAYED.description)}
_AMOUNT = {"amount": 10_000, "currency": "BRL"}


class SavedMethodsList(msgspec.Struct, frozen=True, kw_only=True):
    """The caller's saved methods, newest first."""

    items: tuple[SavedPaymentMethod, ...]


def operations(payments: Any) -> list[Operation]:
    """``payments`` is ``LocalPayments``."""
    return [*_given(payments), *_own(payments)]


def _given(payments: Any) -> list[Operation]:
    async def issue(call: Call) -> Answer:
        key, replay = key_of(call.header(b"idempotency-key")), Replay()
        card: GiftCard = await payments.issue_gift_card(call.caller, decoded(call, _gift_card), key=key, replay=replay)
        location = (b"location", f"/v1/gift-cards/{card.id}".encode())
        return Answer(201, _encode(card), [NO_STORE, location, *replayed(replay)])

    async def read(call: Call) -> Answer:
        return Answer(200, _encode(await payments.gift_card(call.caller, call.parameters["gift_card_id"])), [NO_STORE])

    async def grant(call: Call) -> Answer:
        key, replay = key_of(call.header(b"idempotency-key")), Replay()
        credit = await payments.grant_store_credit(call.caller, decoded(call, _credit), key=key, replay=replay)
        return Answer(201, _encode(credit), [NO_STORE, *replayed(replay)])

    giving = (*READ, *BODY, UnknownCurrency, IdempotencyConflict)
    return [
        Operation(
            method="POST", path="/v1/gift-cards", handler=issue, access=FINANCE, rate="write", id="issueGiftCard",
            summary="Issue a gift card", tag=TAG, status=201, body=NewGiftCard, answer=GiftCard,
            description="The answer alone has the code; the same `Idempotency-Key` answers with it again for a day.",
            headers=("Idempotency-Key",), answer_headers={"Location": "The gift card.", **_REPLAYED}, errors=giving,
            example={"amount": _AMOUNT},
        ),
        Operation(
            method="GET", path="/v1/gift-cards/{gift_card_id}", handler=read, access=FINANCE_READER, rate="read",
            id="readGiftCard", summary="What is left on a gift card", tag=TAG, answer=GiftCard,
            path_help={"gift_card_id": "The gift card's id."}, errors=(*READ, GiftCardNotFound),
        ),
        Operation(
            method="POST", path="/v1/store-credits", handler=grant, access=FINANCE, rate="write", id="grantStoreCredit",
            summary="Give a customer store credit", tag=TAG, status=201, body=NewStoreCredit, answer=StoreCredit,
            headers=("Idempotency-Key",), answer_headers=_REPLAYED, errors=(*giving, AmountExceeded),
            example={"customer": "019aa5d8-0003-7000-8000-000000000001", "amount": _AMOUNT},
        ),
    ]  # fmt: skip


def _own(payments: Any) -> list[Operation]:
    async def credit(call: Call) -> Answer:
        return Answer(200, _encode(await payments.own_store_credit(call.caller)), [NO_STORE])

    async def saved(call: Call) -> Answer:
        items = await payments.saved_methods(call.caller)
        return Answer(200, _encode(SavedMethodsList(items=items)), [NO_STORE])

    async def remove(call: Call) -> Answer:
        await payments.remove_saved_method(call.caller, call.parameters["method_id"])
        return Answer(204)

    return [
        Operation(
            method="GET", path="/v1/me/store-credit", handler=credit, access=OWN, rate="read", id="readOwnStoreCredit",
            summary="Your store credit", tag=TAG, answer=StoreCredit, errors=READ,
        ),
        Operation(
            method="GET", path="/v1/me/payment-methods", handler=saved, access=OWN, rate="read",
            id="listSavedPaymentMethods", summary="Your saved payment methods", tag=TAG, answer=SavedMethodsList,
            errors=READ,
        ),
        Operation(
            method="DELETE", path="/v1/me/payment-methods/{method_id}", handler=remove, access=OWN, rate="write",
            id="removeSavedPaymentMethod", summary="Have a saved payment method forgotten", tag=TAG, status=204,
            description="At the provider, too.", path_help={"method_id": "The saved method's id."},
            errors=(*READ, SavedMethodNotFound, ProviderAway),
        ),
    ]  # fmt: skip
