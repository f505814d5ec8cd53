"""BR Code: the text of a Pix QR code (Manual de Padrões para Iniciação do Pix; EMV QRCPS merchant-presented mode)."""

import binascii
import unicodedata

NAME_CHARS_MAX = 25
CITY_CHARS_MAX = 15
URL_CHARS_MAX = 77
#: In place of a txid: the receiver has none, or the address in the code has it.
NO_TXID = "***"
_PIX = "br.gov.bcb.pix"


def static_code(*, key: str, name: str, city: str, amount: str | None = None, txid: str = NO_TXID) -> str:
    """A code that names the receiver's Pix key; ``amount`` is decimal text (``12.34``)."""
    return _code("", _field(1, key), name=name, city=city, amount=amount, txid=txid)


def dynamic_code(*, url: str, name: str, city: str, amount: str | None = None) -> str:
    """A code that names where the charge is (``url``, without its scheme)."""
    return _code(_field(1, "12"), _field(25, url), name=name, city=city, amount=amount, txid=NO_TXID)


def _code(initiation: str, account: str, *, name: str, city: str, amount: str | None, txid: str) -> str:
    text = "".join(
        (
            _field(0, "01"),
            initiation,
            _field(26, _field(0, _PIX) + account),
            _field(52, "0000"),
            _field(53, "986"),
            "" if amount is None else _field(54, amount),
            _field(58, "BR"),
            _field(59, plain(name, NAME_CHARS_MAX)),
            _field(60, plain(city, CITY_CHARS_MAX)),
            _field(62, _field(5, txid)),
            "6304",
        )
    )
    return text + crc16(text)


def _field(tag: int, value: str) -> str:
    size = len(value.encode())
    if not 1 <= size <= 99:
        raise ValueError(f"field {tag:02d} has {size} bytes, and may have 1 to 99")
    return f"{tag:02d}{size:02d}{value}"


def crc16(text: str) -> str:
    """CRC-16/CCITT-FALSE as four upper-case hexadecimal digits."""
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def is_whole(code: str) -> bool:
    """Whether the code ends with its own checksum."""
    return code[-8:-4] == "6304" and crc16(code[:-4]) == code[-4:]


def plain(text: str, chars_max: int) -> str:
    """Text without accents and other characters outside ASCII, which every bank's application reads; never empty."""
    decomposed = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(c for c in decomposed if c.isprintable())[:chars_max].strip() or "-"
