"""Pure: long numbers that people write for other purposes than paying by card, recognised by their check digits."""

import re

_GTIN_LENGTHS = (8, 12, 13, 14)
#: An IBAN with or without spaces (ISO 13616), and a UUID (RFC 9562), W3C trace context.
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])")
_IDENTIFIERS = re.compile(
    r"(?<![A-Za-z0-9])(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})(?![A-Za-z0-9])"
)
#: A Pix payload: EMV tags from the format to the check sum; its length is bounded by the Central Bank's manual.
_PIX = re.compile(
    r"000201(?=[^\n]{0,80}br\.gov\.bcb\.pix)[^\n]{20,600}?6304([0-9A-F]{4})(?![A-Za-z0-9])", re.IGNORECASE
)


def is_gtin(digits: str) -> bool:
    """8, 12, 13 or 14 digits with the right check digit (GS1 General Specifications §7.9)."""
    if len(digits) not in _GTIN_LENGTHS:
        return False
    text = digits.encode("ascii")
    return (3 * sum(text[-2::-2]) + sum(text[-1::-2]) - 48 * (3 * (len(text) // 2) + (len(text) + 1) // 2)) % 10 == 0


def is_cnpj(digits: str) -> bool:
    """A Brazilian company's number: 14 digits, the last two check digits modulo 11."""
    if len(digits) != 14 or len(set(digits)) == 1:
        return False
    return all(_cnpj_digit(digits[:length]) == digits[length] for length in (12, 13))


def _cnpj_digit(digits: str) -> str:
    rest = sum(int(digit) * (2 + place % 8) for place, digit in enumerate(reversed(digits))) % 11
    return "0" if rest < 2 else str(11 - rest)


def is_document(digits: str) -> bool:
    """The key of an electronic invoice or the bars of a boleto (44), a boleto's line (47) or a collection's (48), check digits
    right."""
    if len(digits) == 44:
        return _mod11(digits[:43]) == digits[43] or _mod11(digits[:4] + digits[5:], zero="1") == digits[4]
    if len(digits) == 47:
        return all(_mod10(digits[low:high]) == digits[high] for low, high in ((0, 9), (10, 20), (21, 31)))
    if len(digits) == 48 and digits[0] == "8":
        check = _mod10 if digits[2] in "67" else _mod11
        return all(check(digits[low : low + 11]) == digits[low + 11] for low in (0, 12, 24, 36))
    return False


def _mod10(digits: str) -> str:
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits)))
    return str(-sum(one // 10 + one % 10 for one in doubled) % 10)


def _mod11(digits: str, *, zero: str = "0") -> str:
    """``zero`` stands for a rest that has no digit."""
    check = 11 - sum(int(digit) * (2 + place % 8) for place, digit in enumerate(reversed(digits))) % 11
    return zero if check >= 10 else str(check)


def known_spans(text: str) -> list[tuple[int, int]]:
    """Where the text has UUIDs, trace contexts, IBANs and Pix payloads: no digits in them are a card's."""
    found = [match.span() for match in _IDENTIFIERS.finditer(text)]
    found += [match.span() for match in _IBAN.finditer(text) if _is_iban(match[0])]
    if "br.gov.bcb.pix" in text.lower():
        found += [match.span() for match in _PIX.finditer(text) if _crc16(match[0][:-4]) == match[1].upper()]
    return found


def _is_iban(text: str) -> bool:
    """ISO 7064 modulo 97-10."""
    plain = text.replace(" ", "")
    return int("".join(str(int(one, 36)) for one in plain[4:] + plain[:4])) % 97 == 1


def _crc16(text: str) -> str:
    """CRC-16/CCITT-FALSE, as EMV QR codes have it."""
    crc = 0xFFFF
    for byte in text.encode():
        crc ^= byte << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return f"{crc:04X}"
