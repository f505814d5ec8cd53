"""The format of a cart in a Redis hash: meta fields, ``l:<line>`` and ``s:<line>``.

A line's value is '<quantity> <sequence> <price> <snapshot>'.
"""

from collections.abc import Mapping, Sequence

import msgspec

from renga.domains.cart.ports import LineArgument, StoredCart, StoredLine


class _Snapshot(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line's snapshot: sku, title, the buyer's options."""

    s: str
    t: str
    o: dict[str, str] = {}


_decoder = msgspec.json.Decoder(_Snapshot)
_encoder = msgspec.json.Encoder()

#: Cache of decoded line tails (sequence, price, snapshot) by their bytes, so that popular products are decoded once.
_TAILS_MAX = 50_000
_tails: dict[bytes, tuple[int, int, _Snapshot]] = {}
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
    """A line as script arguments: line, quantity, own price, snapshot, n, then n pairs of currency and price."""
    arguments: list[str | int | bytes] = [
        line.line,
        line.quantity,
        "" if line.own_price is None else line.own_price,
        encode_snapshot(line.sku, line.title, line.options),
        len(line.prices),
    ]
    for pair in line.prices.items():
        arguments += pair
    return arguments


def decode_line(line: bytes, value: bytes) -> StoredLine:
    """One stored line, from its field name without prefix and its value."""
    quantity, _, tail = value.partition(b" ")
    known = _tails.get(tail)
    if known is None:
        sequence, price, snapshot = tail.split(b" ", 2)
        known = (int(sequence), int(price), _decoder.decode(snapshot))
        if len(_tails) >= _TAILS_MAX:
            _tails.clear()
        _tails[tail] = known
    sequence_, price_, seen = known
    return StoredLine(line.decode(), int(quantity), sequence_, price_, seen.s, seen.t, seen.o)


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
    owner, into = get(b"owner"), get(b"into")
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
    )


def decode_fields(flat: Sequence[bytes]) -> dict[str, str]:
    """The raw fields of the flat reply of HGETALL as text."""
    texts = b"\0".join(flat).decode().split("\0")  # one call for all: a third of the time of one call for each
    if len(texts) != len(flat):
        texts = [raw.decode() for raw in flat]  # a text has the separator in it
    return dict(zip(texts[::2], texts[1::2], strict=True))


def _by_sequence(line: StoredLine) -> int:
    return line.sequence
