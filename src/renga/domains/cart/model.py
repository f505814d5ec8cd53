"""The pure rules of the cart: which lines are the same, what a request may hold, how a stored cart is shown."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Protocol

import msgspec

from renga.domains.cart.contract import Cart, Counts, Line, NewLine, QuantityOutOfRange, Totals
from renga.kernel.clock import rfc3339
from renga.kernel.errors import Unprocessable
from renga.kernel.money import Money

#: Bounds of a buyer's own options on a line, of a coupon code and of the note.
OPTIONS_MAX, OPTION_NAME_MAX, OPTION_VALUE_MAX = 8, 40, 200
COUPON_CHARACTERS_MAX, NOTE_CHARACTERS_MAX = 40, 500
SKU_CHARACTERS_MAX, KEY_CHARACTERS_MAX, ORDER_ID_CHARACTERS_MAX = 128, 255, 64
#: The least life that a client may ask for.
LIFE_MIN_S = 1

_sorted_json = msgspec.json.Encoder(order="sorted")


def digest(*parts: str, characters: int) -> str:
    """A short, safe token for texts (URL-safe Base64 of BLAKE2b); parts are length-prefixed so that they cannot run together."""
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    raw = hashlib.blake2b(joined.encode(), digest_size=(characters * 6 + 7) // 8).digest()
    return base64.urlsafe_b64encode(raw).decode()[:characters]


def line_id(sku: str, options: Mapping[str, str]) -> str:
    """The id of a line: the same sku with the same options is the same line, in every cart."""
    return digest(sku, _sorted_json.encode(options).decode(), characters=12) if options else _plain_line_id(sku)


@lru_cache(maxsize=50_000)
def _plain_line_id(sku: str) -> str:
    return digest(sku, "", characters=12)


def check_quantity(quantity: int, most: int) -> int:
    """The quantity, if it is from 1 to ``most``. Raises QuantityOutOfRange."""
    if not 1 <= quantity <= most:
        raise QuantityOutOfRange(f"the quantity must be from 1 to {most}", minimum=1, maximum=most)
    return quantity


def check_line(line: NewLine, at: str = "") -> NewLine:
    """The line, if its sku and options are within bounds. Raises Unprocessable, naming what is wrong below ``at``."""
    if not 1 <= len(line.sku) <= SKU_CHARACTERS_MAX or not printable(line.sku):
        raise Unprocessable(f"a sku has from 1 to {SKU_CHARACTERS_MAX} printable characters", field=f"{at}sku")
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
    """The code in upper case, if it has letters, digits, ``-`` and ``_`` only. Raises Unprocessable."""
    code = code.strip().upper()
    plain = code.replace("-", "").replace("_", "")
    if not 1 <= len(code) <= COUPON_CHARACTERS_MAX or not plain.isascii() or not plain.isalnum():
        raise Unprocessable(
            f"a coupon code has from 1 to {COUPON_CHARACTERS_MAX} letters, digits, hyphens and underscores",
            field="code",
        )
    return code


def check_order_id(order_id: str) -> str:
    """The id of an order, if it is short and printable. Raises Unprocessable."""
    if not 1 <= len(order_id) <= ORDER_ID_CHARACTERS_MAX or not printable(order_id):
        raise Unprocessable(
            f"an order's id has from 1 to {ORDER_ID_CHARACTERS_MAX} printable characters", field="order_id"
        )
    return order_id


def check_note(note: str) -> str:
    """The note, if it is short and printable (line breaks allowed). Raises Unprocessable."""
    if len(note) > NOTE_CHARACTERS_MAX or not printable(note.replace("\n", "").replace("\r", "")):
        raise Unprocessable(f"a note has at most {NOTE_CHARACTERS_MAX} printable characters", field="note")
    return note


def add_up(lines: Sequence[NewLine]) -> list[NewLine]:
    """The lines with those of the same sku and options summed, in the order of their first appearance."""
    sums: dict[str, NewLine] = {}
    for line in lines:
        key = line_id(line.sku, line.options)
        held = sums.get(key)
        sums[key] = msgspec.structs.replace(line, quantity=line.quantity + held.quantity) if held else line
    return list(sums.values())


class ShownLine(Protocol):
    """What a view needs of a stored line."""

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
    """A stored line as it is answered; ``current`` is the catalogue's price today (None: unknown)."""
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
    state: str,
    owner: str | None,
    times_ms: tuple[int, int, int],
    note: str,
    coupons: tuple[str, ...],
    lines: tuple[Line, ...],
    saved: tuple[Line, ...],
) -> Cart:
    """A cart as it is answered; ``times_ms`` are created, updated, expires."""
    subtotal = Money(sum(line.line_total.amount for line in lines), currency)
    created, updated, expires = times_ms
    return Cart(
        id=id,
        version=version,
        etag=etag,
        currency=currency,
        state=state,
        customer=owner,
        created_at=rfc3339(created),
        updated_at=rfc3339(updated),
        expires_at=rfc3339(expires),
        note=note,
        coupons=coupons,
        lines=lines,
        saved=saved,
        totals=Totals(subtotal=subtotal, total=subtotal),
        counts=Counts(lines=len(lines), items=sum(line.quantity for line in lines)),
    )
