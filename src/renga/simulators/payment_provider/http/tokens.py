"""``POST /tokens``: a card becomes a token. Browsers of the shop may call it (CORS); its number is not kept."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from renga.simulators.payment_provider.desk import ProviderDesk
from renga.simulators.payment_provider.formulas.cards import brand_of, luhn
from renga.simulators.payment_provider.model.card_numbers import NUMBERS, CardFace
from renga.simulators.payment_provider.model.charge import ProviderProblem
from renga.simulators.payment_provider.requests import CardEntry
from renga.simulators.payment_provider.wire import ProviderAnswer, ProviderRequest, Routes, json_answer

TOKEN_LIFE_MS = 3_600_000


class TokensApi:
    """Nothing here needs a key: it is for browsers."""

    def __init__(self, desk: ProviderDesk) -> None:
        self._desk = desk
        self._decoder = msgspec.json.Decoder(CardEntry)

    def add_to(self, routes: Routes) -> None:
        routes.add("POST", "/tokens", self._make)
        routes.add("OPTIONS", "/tokens", self._preflight)

    def _make(self, request: ProviderRequest) -> ProviderAnswer:
        cors = cors_headers(request, self._desk.settings.shop_origins)
        try:
            card = request.json(self._decoder)
        except ProviderProblem:
            # what was sent may be a card number: it is not repeated
            raise ProviderProblem(422, "invalid_request", "number, exp_month, exp_year and cvc are needed") from None
        return json_answer(kept_token(self._desk, card), 201, *cors)

    def _preflight(self, request: ProviderRequest) -> ProviderAnswer:
        headers = cors_headers(request, self._desk.settings.shop_origins)
        if not headers:
            return ProviderAnswer(403)
        allowed = (
            (b"access-control-allow-methods", b"POST"),
            (b"access-control-allow-headers", b"content-type"),
            (b"access-control-max-age", b"600"),
        )
        return ProviderAnswer(204, headers=(*headers, *allowed))


def cors_headers(request: ProviderRequest, allowed: Sequence[str]) -> tuple[tuple[bytes, bytes], ...]:
    """Headers that let the page of this origin read the answer; none, if it may not."""
    origin = request.headers.get(b"origin")
    if origin is None or (allowed and origin.decode("latin-1") not in allowed):
        return ()
    return ((b"access-control-allow-origin", origin), (b"vary", b"origin"))


def kept_token(desk: ProviderDesk, card: CardEntry) -> dict[str, object]:
    """A new token and what may be shown of its card. Raises ProviderProblem (422) with the reason as code."""
    number = card.number.replace(" ", "").replace("-", "")
    face = checked(card, number, desk.now_ms())
    token = f"tok_{secrets.token_hex(16)}"
    desk.records.keep_token(token, face, desk.now_ms() + TOKEN_LIFE_MS)
    desk.note_card(face)
    return {
        "token": token,
        "card": {"brand": face.brand, "last4": face.last4, "exp_month": face.exp_month, "exp_year": face.exp_year},
    }


def checked(card: CardEntry, number: str, now_ms: int) -> CardFace:
    """The card without its number. Raises ProviderProblem."""
    brand = brand_of(number) if number.isascii() and number.isdecimal() and luhn(number) else None
    if brand is None:
        raise ProviderProblem(422, "incorrect_number", "this is not a card number", field="number")
    year = card.exp_year + 2_000 if 0 <= card.exp_year <= 99 else card.exp_year
    if not 1 <= card.exp_month <= 12 or not 2_000 <= year <= 2_199:
        raise ProviderProblem(422, "invalid_expiry", "there is no such month", field="exp_month")
    today = datetime.fromtimestamp(now_ms / 1_000, UTC)
    if (year, card.exp_month) < (today.year, today.month):
        raise ProviderProblem(422, "expired_card", "the card has expired", field="exp_year")
    if not (card.cvc.isascii() and card.cvc.isdecimal()) or len(card.cvc) != (4 if brand == "amex" else 3):
        raise ProviderProblem(422, "invalid_cvc", "cvc has 3 digits, 4 for American Express", field="cvc")
    behaviour = NUMBERS.get(number, "approved")
    return CardFace(brand=brand, last4=number[-4:], exp_month=card.exp_month, exp_year=year, behaviour=behaviour)
