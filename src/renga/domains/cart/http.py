"""The cart's REST operations."""

from collections.abc import Callable
from typing import Any

import msgspec

from renga.domains.cart import contract
from renga.domains.cart.contract import Cart, Carts, Change, NewLine, PriceMove, Write
from renga.kernel.buyer_terms import DEFAULT_CHANNEL, TermsInvalid
from renga.kernel.errors import Forbidden, Invalid, TooLarge, TooManyRequests, Unauthenticated, Unprocessable
from renga.kernel.languages import FALLBACKS, shop_language
from renga.kernel.money import UnknownCurrency
from renga.platform.auth.access import Access, InsufficientScope
from renga.platform.http import etags
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.problems import InvalidJson, UnsupportedMediaType
from renga.platform.http.requests import REPLAYED


class CreateCart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``currency`` is an ISO 4217 code, ``channel`` where the buyer buys; ``country`` (ISO 3166-1 alpha-2) and ``region`` (of
    ISO 3166-2, without the country) are where the goods go. ``expires_in`` (seconds) shortens its life, never lengthens it."""

    currency: str
    channel: str = DEFAULT_CHANNEL
    country: str = ""
    region: str = ""
    expires_in: int | None = None


class SetTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The terms of the cart after the call; see the body of its creation."""

    currency: str
    channel: str = DEFAULT_CHANNEL
    country: str = ""
    region: str = ""


class SetQuantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The line's new quantity, 1 or more."""

    quantity: int


class ReplaceLines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All lines of the cart after the call."""

    lines: list[NewLine]


class MergeCart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"source": "from"}):
    """The id of the cart whose lines move here."""

    source: str


class SaveLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The line to save for later."""

    line: str


class ApplyCoupon(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A coupon code."""

    code: str


class SetNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The buyer's note; empty removes it."""

    note: str


class Version(msgspec.Struct, frozen=True, omit_defaults=True):
    """The response to a write with ``Prefer: return=minimal``; ``moves`` only if it moved unit prices."""

    version: int
    moves: tuple[PriceMove, ...] = ()


_encode = msgspec.json.Encoder().encode
_READ = (
    contract.CartNotFound,
    contract.CartHasExpired,
    contract.CartMergedAway,
    contract.StoreUnavailable,
    Unauthenticated,
    Forbidden,
    InsufficientScope,
    TooManyRequests,
)
_WRITE = (
    *_READ,
    contract.CartAlreadyCompleted,
    contract.CartBusy,
    contract.VersionConflict,
    contract.IdempotencyConflict,
    contract.CartTooLarge,
    contract.CartOutcomeUnknown,
    Invalid,
)
_BODY = (InvalidJson, UnsupportedMediaType, TooLarge, Unprocessable)
_HEADERS = ("Idempotency-Key", "If-Match", "Prefer", "Accept-Language")
#: Nothing is there yet that could be missing or changed; only the cart of a repeated key may have expired.
_CREATE_HEADERS = tuple(name for name in _HEADERS if name != "If-Match")
_CREATE = (
    contract.CartHasExpired,
    contract.StoreUnavailable,
    Unauthenticated,
    Forbidden,
    InsufficientScope,
    TooManyRequests,
    contract.IdempotencyConflict,
    contract.CartOutcomeUnknown,
    Invalid,
    UnknownCurrency,
)
#: A guest's cart is open to every caller who has its id, a customer's cart to that customer and to services.
ACCESS = Access(
    scopes=(contract.OWN_CARTS,),
    instead=(contract.ANY_CART,),
    guest=True,
    objects="a guest's cart by its id; the customer's own carts; every cart for services",
)
_CLAIM = Access(scopes=(contract.OWN_CARTS,), objects="a guest's cart becomes the customer's own")


class CartEndpoints:
    """The handlers: each decodes its request, calls the contract and encodes the result."""

    def __init__(self, carts: Carts, languages: tuple[str, ...]) -> None:
        self._carts = carts
        self._languages = languages

    def write(self, call: Call) -> Write:
        """The options of a write, from the request's headers."""
        headers = call.headers
        key = call.header(b"idempotency-key")
        prefer = headers.get(b"prefer")
        language = call.header(b"accept-language")
        return Write(
            key=None if key is None else key.strip().strip('"'),
            if_match=_etags(headers.get(b"if-match")),
            whole=prefer is None or b"return=minimal" not in prefer.lower().replace(b" ", b""),
            language=self._languages[0] if language is None else shop_language(language, self._languages),
        )

    async def create(self, call: Call) -> Answer:
        body: CreateCart = call.decode(_create)
        change = await self._carts.create(
            call.caller,
            body.currency,
            channel=body.channel,
            country=body.country,
            region=body.region,
            expires_in_s=body.expires_in,
            write=self.write(call),
        )
        answer = _answer(change, 201)
        answer.headers.append((b"location", f"/v1/carts/{change.cart_id}".encode()))
        return answer

    async def set_terms(self, call: Call) -> Answer:
        body: SetTerms = call.decode(_terms)
        return _answer(
            await self._carts.set_terms(
                call.caller,
                call.parameters["cart_id"],
                body.currency,
                channel=body.channel,
                country=body.country,
                region=body.region,
                write=self.write(call),
            )
        )

    async def read(self, call: Call) -> Answer:
        cart = await self._carts.read(call.caller, call.parameters["cart_id"])
        etag = etags.strong(cart.etag).encode()
        if etags.matches(call.headers.get(b"if-none-match"), etag):
            return Answer(304, headers=[(b"etag", etag), _PRIVATE])
        return Answer(200, _encode(cart), [(b"etag", etag), _PRIVATE])

    async def add_line(self, call: Call) -> Answer:
        return _answer(
            await self._carts.add_line(
                call.caller, call.parameters["cart_id"], call.decode(_new_line), self.write(call)
            )
        )

    async def set_quantity(self, call: Call) -> Answer:
        body: SetQuantity = call.decode(_set_quantity)
        ids = call.parameters
        return _answer(
            await self._carts.set_quantity(call.caller, ids["cart_id"], ids["line"], body.quantity, self.write(call))
        )

    async def remove_line(self, call: Call) -> Answer:
        ids = call.parameters
        return _answer(await self._carts.remove_line(call.caller, ids["cart_id"], ids["line"], self.write(call)))

    async def replace_lines(self, call: Call) -> Answer:
        body: ReplaceLines = call.decode(_replace)
        return _answer(
            await self._carts.replace_lines(call.caller, call.parameters["cart_id"], body.lines, self.write(call))
        )

    async def clear(self, call: Call) -> Answer:
        return _answer(await self._carts.clear(call.caller, call.parameters["cart_id"], self.write(call)))

    async def merge(self, call: Call) -> Answer:
        body: MergeCart = call.decode(_merge)
        return _answer(await self._carts.merge(call.caller, call.parameters["cart_id"], body.source, self.write(call)))

    async def claim(self, call: Call) -> Answer:
        return _answer(await self._carts.claim(call.caller, call.parameters["cart_id"], self.write(call)))

    async def save(self, call: Call) -> Answer:
        body: SaveLine = call.decode(_save)
        return _answer(
            await self._carts.save_for_later(call.caller, call.parameters["cart_id"], body.line, self.write(call))
        )

    async def restore_saved(self, call: Call) -> Answer:
        ids = call.parameters
        return _answer(await self._carts.restore_saved(call.caller, ids["cart_id"], ids["line"], self.write(call)))

    async def remove_saved(self, call: Call) -> Answer:
        ids = call.parameters
        return _answer(await self._carts.remove_saved(call.caller, ids["cart_id"], ids["line"], self.write(call)))

    async def apply_coupon(self, call: Call) -> Answer:
        body: ApplyCoupon = call.decode(_coupon)
        return _answer(
            await self._carts.apply_coupon(call.caller, call.parameters["cart_id"], body.code, self.write(call))
        )

    async def remove_coupon(self, call: Call) -> Answer:
        ids = call.parameters
        return _answer(await self._carts.remove_coupon(call.caller, ids["cart_id"], ids["code"], self.write(call)))

    async def set_note(self, call: Call) -> Answer:
        body: SetNote = call.decode(_note)
        return _answer(await self._carts.set_note(call.caller, call.parameters["cart_id"], body.note, self.write(call)))


_create = msgspec.json.Decoder(CreateCart)
_terms = msgspec.json.Decoder(SetTerms)
_new_line = msgspec.json.Decoder(NewLine)
_set_quantity = msgspec.json.Decoder(SetQuantity)
_replace = msgspec.json.Decoder(ReplaceLines)
_merge = msgspec.json.Decoder(MergeCart)
_save = msgspec.json.Decoder(SaveLine)
_coupon = msgspec.json.Decoder(ApplyCoupon)
_note = msgspec.json.Decoder(SetNote)
_PRIVATE = (b"cache-control", b"private, no-store")
_MINIMAL = (b"preference-applied", b"return=minimal")


def _etags(header: bytes | None) -> tuple[str, ...] | None:
    """The strong ETags of an If-Match header; None for none or ``*`` (any version of a cart that exists)."""
    if header is None or etags.names_any(text := header.decode("latin-1")):
        return None
    return etags.strong_values(text) or ("-",)  # no cart has this ETag


def _answer(change: Change, status: int = 200) -> Answer:
    headers = [(b"etag", etags.strong(change.etag).encode())]
    if change.replayed:
        headers.append((b"idempotency-replayed", b"true"))
    if change.cart is None:
        headers.append(_MINIMAL)
        if change.moves:
            return Answer(status, _encode(Version(change.version, change.moves)), headers)
        return Answer(status, b'{"version":%d}' % change.version, headers)
    return Answer(status, _encode(change.cart), headers)


def operations(carts: Carts, languages: tuple[str, ...] = FALLBACKS) -> list[Operation]:
    """Every cart endpoint; ``languages`` are the shop's, the default first."""
    endpoints = CartEndpoints(carts, languages)
    cart, line = "/v1/carts/{cart_id}", "/v1/carts/{cart_id}/lines/{line}"
    saved = "/v1/carts/{cart_id}/saved/{line}"
    lines = (
        contract.VariantNotFound,
        contract.VariantNotAvailable,
        contract.OutOfStock,
        contract.CurrencyUnavailable,
        contract.QuantityOutOfRange,
        contract.LineLimit,
    )

    def write(method: str, path: str, handler: Callable[[Call], Any], id: str, summary: str, **more: Any) -> Operation:
        errors = (*more.pop("common", _WRITE), *more.pop("errors", ()), *(_BODY if "body" in more else ()))
        return Operation(
            method=method, path=path, handler=handler, access=more.pop("access", ACCESS), rate="cart_write", id=id,
            summary=summary, tag="cart", answer=Cart | Version, headers=more.pop("headers", _HEADERS), errors=errors,
            answer_headers={"Idempotency-Replayed": str(REPLAYED.description)}, **more,
        )  # fmt: skip

    one = {"sku": "CAN-AURORA-AZ", "quantity": 1}
    return [
        write("POST", "/v1/carts", endpoints.create, "createCart", "Create an empty cart", status=201, body=CreateCart,
              common=_CREATE, headers=_CREATE_HEADERS,
              errors=(contract.KeyGuessable, TermsInvalid),
              description="The `Idempotency-Key` of a guest must be a random UUID (version 4 or 7): it gives the cart.",
              example={"currency": "BRL", "country": "BR", "expires_in": 3600}),
        write("PUT", f"{cart}/terms", endpoints.set_terms, "setTerms", "Change the cart's terms", body=SetTerms,
              description="Every line gets the catalogue's price on the new terms; `moves` says which prices moved.",
              errors=(UnknownCurrency, TermsInvalid, contract.CurrencyUnavailable, contract.VariantNotAvailable),
              example={"currency": "BRL", "channel": "web", "country": "BR", "region": "SP"}),
        Operation(method="GET", path=cart, handler=endpoints.read, access=ACCESS, rate="read", id="readCart",
                  summary="Read a cart", tag="cart", answer=Cart, headers=("If-None-Match",), errors=_READ),
        write("POST", f"{cart}/lines", endpoints.add_line, "addLine", "Add a quantity of a sku", body=NewLine,
              description="The quantity is added to the line of the same sku and options. Concurrent adds are all counted.",
              errors=lines, example=one),
        write("PUT", f"{cart}/lines", endpoints.replace_lines, "replaceLines", "Replace all lines, all or nothing",
              body=ReplaceLines, errors=lines, example={"lines": [one]}),
        write("DELETE", f"{cart}/lines", endpoints.clear, "clearLines", "Remove all lines"),
        write("PATCH", line, endpoints.set_quantity, "setQuantity", "Set a line's quantity", body=SetQuantity,
              errors=(contract.LineNotFound, contract.QuantityOutOfRange, contract.OutOfStock), example={"quantity": 2}),
        write("DELETE", line, endpoints.remove_line, "removeLine", "Remove a line", errors=(contract.LineNotFound,)),
        write("POST", f"{cart}/merge", endpoints.merge, "mergeCart", "Move another cart's lines here", body=MergeCart,
              errors=(contract.LineLimit, contract.CurrencyUnavailable),
              example={"from": "01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a10"}),
        write("POST", f"{cart}/claim", endpoints.claim, "claimCart", "Make the logged-in customer the owner of a guest cart",
              access=_CLAIM),
        write("POST", f"{cart}/saved", endpoints.save, "saveLine", "Save a line for later", body=SaveLine,
              errors=(contract.LineNotFound, contract.LineLimit), example={"line": "q1mJ0fXyZ2aB"}),
        write("POST", f"{saved}/restore", endpoints.restore_saved, "restoreSavedLine", "Move a saved line back",
              errors=(contract.LineNotFound, contract.LineLimit, contract.QuantityOutOfRange)),
        write("DELETE", saved, endpoints.remove_saved, "removeSavedLine", "Remove a saved line",
              errors=(contract.LineNotFound,)),
        write("POST", f"{cart}/coupons", endpoints.apply_coupon, "applyCoupon", "Apply a coupon code at the checkout",
              body=ApplyCoupon, errors=(contract.CouponLimit,), example={"code": "PRIMAVERA"}),
        write("DELETE", f"{cart}/coupons/{{code}}", endpoints.remove_coupon, "removeCoupon", "Remove a coupon code",
              errors=(Unprocessable,)),
        write("PUT", f"{cart}/note", endpoints.set_note, "setNote", "Set or remove the buyer's note", body=SetNote,
              example={"note": "Para presente, por favor."}),
    ]  # fmt: skip
