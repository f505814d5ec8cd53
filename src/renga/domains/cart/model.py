"""The pure rules of the cart: identity of lines, limits of inputs, conversion of stored carts for callers."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Protocol

import msgspec

from renga.domains.cart.contract import Cart, CartTerms, Counts, Line, NewLine, PriceMove, QuantityOutOfRange, Totals
from renga.kernel.clock import rfc3339
from renga.kernel.errors import Unprocessable
from renga.kernel.money import Money
from renga.kernel.sku import sku_problem

#: Limits of a line's options, of a coupon code and of the note.
OPTIONS_MAX, OPTION_NAME_MAX, OPTION_VALUE_MAX = 8, 40, 200
COUPON_CHARACTERS_MAX, NOTE_CHARACTERS_MAX = 40, 500
KEY_CHARACTERS_MAX, ORDER_ID_CHARACTERS_MAX = 255, 64
#: The shortest time to live that a client may request, in seconds.
LIFE_MIN_S = 1

_sorted_json = msgspec.json.Encoder(order="sorted")


def digest(*parts: str, characters: int) -> str:
    """A short token: URL-safe Base64 of BLAKE2b. Parts are length-prefixed, so ("ab", "c") and ("a", "bc") differ."""
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    raw = hashlib.blake2b(joined.encode(), digest_size=(characters * 6 + 7) // 8).digest()
    return base64.urlsafe_b64encode(raw).decode()[:characters]


def line_id(sku: str, options: Mapping[str, str]) -> str:
    """The id of a line: the same sku with the same options is the same line, in every cart."""
    return digest(sku, _sorted_json.encode(options).decode(), characters=12) if options else _plain_line_id(sku)


@lru_cache(maxsize=50_000)
def _plain_line_id(sku: str) -> str:
    return digest(sku, "", characters=12)


def check_quantity(quantity: int, most: int, at: str = "") -> int:
    """Returns the quantity if it is from 1 to ``most``. Raises QuantityOutOfRange; ``at`` prefixes the field's path."""
    if not 1 <= quantity <= most:
        raise QuantityOutOfRange(
            f"the quantity must be from 1 to {most}", field=f"{at}quantity", minimum=1, maximum=most
        )
    return quantity


def check_line(line: NewLine, at: str = "") -> NewLine:
    """Returns the line if its sku and options are valid. Raises Unprocessable; ``at`` prefixes the field's path."""
    if reason := sku_problem(line.sku):
        raise Unprocessable(f"{at}sku: {reason}", field=f"{at}sku")
    if len(line.options) > OPTIONS_MAX:
        raise Unprocessable(f"a line has at most {OPTIONS_MAX} options", field=f"{at}options")
    for name, value in line.options.items():
        fits = 1 <= len(name) <= OPTION_NAME_MAX and len(value) <= OPTION_VALUE_MAX
        if not fits or not printable(name) or not printable(value):
            known = f".{name}" if printable(name) and len(name) <= OPTION_NAME_MAX else ""
            raise Unprocessable(
                f"an option's name has at most {OPTION_NAME_MAX} printable characters, its value {OPTION_VALUE_MAX}",
                field=f"{at}options{known}",
            )
    return line


def printable(text: str) -> bool:
    """No control characters, no lone surrogates."""
    return text.isprintable()


def check_coupon(code: str) -> str:
    """Returns the code in upper case if it has only letters, digits, ``-`` and ``_``. Raises Unprocessable."""
    code = code.strip().upper()
    plain = code.replace("-", "").replace("_", "")
    if not 1 <= len(code) <= COUPON_CHARACTERS_MAX or not plain.isascii() or not plain.isalnum():
        raise Unprocessable(
            f"a coupon code has from 1 to {COUPON_CHARACTERS_MAX} letters, digits, hyphens and underscores",
            field="code",
        )
    return code


def check_order_id(order_id: str) -> str:
    """Returns the id if it is short enough and printable. Raises Unprocessable."""
    if not 1 <= len(order_id) <= ORDER_ID_CHARACTERS_MAX or not printable(order_id):
        raise Unprocessable(
            f"an order's id has from 1 to {ORDER_ID_CHARACTERS_MAX} printable characters", field="order_id"
        )
    return order_id


def check_note(note: str) -> str:
    """Returns the note if it is short enough and printable (line breaks allowed). Raises Unprocessable."""
    if len(note) > NOTE_CHARACTERS_MAX or not printable(note.replace("\n", "").replace("\r", "")):
        raise Unprocessable(f"a note has at most {NOTE_CHARACTERS_MAX} printable characters", field="note")
    return note


def add_up(lines: Sequence[NewLine]) -> list[NewLine]:
    """Sums lines of the same sku and options; the order is that of first appearance."""
    sums: dict[str, NewLine] = {}
    for line in lines:
        key = line_id(line.sku, line.options)
        held = sums.get(key)
        sums[key] = msgspec.structs.replace(line, quantity=line.quantity + held.quantity) if held else line
    return list(sums.values())


def price_at(rows: Sequence[tuple[int, int]], quantity: int) -> int:
    """The price of one piece by rows of (from this quantity on, minor units), ascending, the first from one piece on."""
    return next(amount for least, amount in reversed(rows) if quantity >= least or least <= 1)


class ShownLine(Protocol):
    """The fields of a stored line that ``view_line`` reads."""

    @property
    def line(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def price(self) -> int: ...
    @property
    def sku(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def options(self) -> dict[str, str]: ...


def view_line(stored: ShownLine, currency: str, current: int | None) -> Line:
    """A stored line as the contract's Line; ``current`` is the catalogue's price now (None: unknown)."""
    return Line(
        line=stored.line,
        sku=stored.sku,
        title=stored.title,
        quantity=stored.quantity,
        unit_price=Money(stored.price, currency),
        line_total=Money(stored.price * stored.quantity, currency),
        price_moved=current is not None and current != stored.price,
        current_price=None if current is None else Money(current, currency),
        options=stored.options,
    )


def view(
    *,
    id: str,
    version: int,
    etag: str,
    currency: str,
    terms: CartTerms,
    state: str,
    owner: str | None,
    times_ms: tuple[int, int, int],
    note: str,
    coupons: tuple[str, ...],
    lines: tuple[Line, ...],
    saved: tuple[Line, ...],
    moves: tuple[PriceMove, ...] = (),
) -> Cart:
    """A stored cart as the contract's Cart; ``times_ms`` are created, updated, expires."""
    subtotal = Money(sum(line.line_total.amount for line in lines), currency)
    created, updated, expires = times_ms
    return Cart(
        id=id,
        version=version,
        etag=etag,
        currency=currency,
        terms=terms,
        state=state,
        customer=owner,
        created_at=rfc3339(created),
        updated_at=rfc3339(updated),
        expires_at=rfc3339(expires),
        note=note,
        coupons=coupons,
        lines=lines,
        saved=saved,
        moves=moves,
        totals=Totals(subtotal=subtotal, total=subtotal),
        counts=Counts(lines=len(lines), items=sum(line.quantity for line in lines)),
    )
