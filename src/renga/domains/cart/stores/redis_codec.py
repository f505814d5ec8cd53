"""The format of a cart in a Redis hash: meta fields, ``l:<line>`` and ``s:<line>``.

A line's value is '<quantity> <sequence> <price rows> <snapshot>'; price rows are '5990' or '5990,10:4990'.
"""

from collections.abc import Mapping, Sequence

import msgspec

from renga.domains.cart.contract import USUAL_TERMS, CartTerms
from renga.domains.cart.model import price_at
from renga.domains.cart.ports import LineArgument, Rows, StoredCart, StoredLine


class _Snapshot(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line's snapshot: sku, title, the buyer's options."""

    s: str
    t: str
    o: dict[str, str] = {}


_decoder = msgspec.json.Decoder(_Snapshot)
_encoder = msgspec.json.Encoder()
_terms_decoder = msgspec.json.Decoder(CartTerms)

#: Cache of decoded line tails (sequence, price rows, snapshot) by their bytes, so that popular products are decoded once.
_TAILS_MAX = 50_000
_tails: dict[bytes, tuple[int, Rows, _Snapshot]] = {}
_encoded: dict[tuple[str, str], bytes] = {}


def encode_snapshot(sku: str, title: str, options: Mapping[str, str]) -> bytes:
    """The snapshot in JSON. The sku comes first, without escaped quotes, so that scripts can find it by a simple pattern."""
    if not options and (known := _encoded.get((sku, title))) is not None:
        return known
    plain_sku = _encoder.encode(sku).replace(b"\\\\", b"\\u005c").replace(b'\\"', b"\\u0022")
    rest = _encoder.encode(_Snapshot("", title, dict(options)))[len(b'{"s":""') :]
    encoded = b'{"s":' + plain_sku + rest
    if not options and len(_encoded) < _TAILS_MAX:
        _encoded[(sku, title)] = encoded
    return encoded


def line_arguments(line: LineArgument) -> list[str | int | bytes]:
    """A line as script arguments: line, quantity, most, own price rows, snapshot, n, then n pairs of currency and price rows."""
    arguments: list[str | int | bytes] = [
        line.line,
        line.quantity,
        "" if line.most is None else line.most,
        "" if line.own_rows is None else encode_rows(line.own_rows),
        encode_snapshot(line.sku, line.title, line.options),
    ]
    prices: Mapping[str, int | str] = line.prices
    if line.breaks:
        prices = {**prices, **{currency: encode_rows(rows) for currency, rows in line.breaks.items()}}
    arguments.append(len(prices))
    for pair in prices.items():
        arguments += pair
    return arguments


def encode_rows(rows: Rows) -> str:
    """Price rows as scripts read them: ``5990``, ``5990,10:4990``."""
    (_, first), *breaks = rows
    return ",".join((str(first), *(f"{least}:{amount}" for least, amount in breaks)))


def _decode_rows(text: bytes) -> Rows:
    first, *breaks = text.split(b",")
    pairs = (part.split(b":") for part in breaks)
    return ((1, int(first)), *((int(least), int(amount)) for least, amount in pairs))


def encode_terms(terms: CartTerms) -> bytes:
    """Terms as they are stored; empty for those of a guest in the usual channel."""
    return b"" if terms == USUAL_TERMS else _encoder.encode(terms)


def decode_line(line: bytes, value: bytes) -> StoredLine:
    """One stored line, from its field name without prefix and its value."""
    quantity, _, tail = value.partition(b" ")
    known = _tails.get(tail)
    if known is None:
        sequence, rows, snapshot = tail.split(b" ", 2)
        known = (int(sequence), _decode_rows(rows), _decoder.decode(snapshot))
        if len(_tails) >= _TAILS_MAX:
            _tails.clear()
        _tails[tail] = known
    sequence_, rows_, seen = known
    pieces = int(quantity)
    price = rows_[0][1] if len(rows_) == 1 else price_at(rows_, pieces)
    return StoredLine(line.decode(), pieces, sequence_, price, seen.s, seen.t, seen.o, rows_)


def decode_cart(cart_id: str, flat: Sequence[bytes]) -> StoredCart | None:
    """A cart from the flat reply of HGETALL; None if the key does not exist."""
    if not flat:
        return None
    meta: dict[bytes, bytes] = {}
    lines: list[StoredLine] = []
    saved: list[StoredLine] = []
    fields = iter(flat)
    for name, value in zip(fields, fields, strict=True):
        prefix = name[:2]
        if prefix == b"l:":
            lines.append(decode_line(name[2:], value))
        elif prefix == b"s:":
            saved.append(decode_line(name[2:], value))
        else:
            meta[name] = value
    get = meta.get
    lines.sort(key=_by_sequence)
    saved.sort(key=_by_sequence)
    owner, into, terms = get(b"owner"), get(b"into"), get(b"terms")
    return StoredCart(
        id=cart_id,
        state=meta[b"state"].decode(),
        version=int(meta[b"version"]),
        currency=get(b"currency", b"").decode(),
        owner=owner.decode() if owner else None,
        created_ms=int(get(b"created", 0)),
        updated_ms=int(get(b"updated", 0)),
        expires_ms=int(get(b"expires", 0)),
        life_ms=int(get(b"life", 0)),
        restores=int(get(b"restores", 0)),
        note=get(b"note", b"").decode(),
        coupons=tuple(get(b"coupons", b"").decode().split()),
        lines=tuple(lines),
        saved=tuple(saved),
        into=into.decode() if into else None,
        token=get(b"token", b"").decode(),
        terms=_terms_decoder.decode(terms) if terms else USUAL_TERMS,
    )


def decode_fields(flat: Sequence[bytes]) -> dict[str, str]:
    """The raw fields of the flat reply of HGETALL as text."""
    texts = b"\0".join(flat).decode().split("\0")  # one call for all: a third of the time of one call for each
    if len(texts) != len(flat):
        texts = [raw.decode() for raw in flat]  # a text has the separator in it
    return dict(zip(texts[::2], texts[1::2], strict=True))


def _by_sequence(line: StoredLine) -> int:
    return line.sequence
