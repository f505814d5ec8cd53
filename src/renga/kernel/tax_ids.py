"""Pure: are the digits and letters of a tax number well formed? Whether it exists, an administrator verifies.

Sources: CPF and CNPJ, Receita Federal (CNPJ with letters: Instrução Normativa RFB 2.229/2024); VAT numbers, the formats of the
European Commission's VIES (FAQ, question 11).
"""

import re

from renga.kernel.errors import Unprocessable

#: Numbers of other countries: only their characters are checked.
OTHER_CHARS_MIN, OTHER_CHARS_MAX = 4, 20
#: Written between the digits and left out.
_MARKS = re.compile(r"[\s./-]")
_CPF = re.compile(r"[0-9]{11}")
_CNPJ = re.compile(r"[A-Z0-9]{12}[0-9]{2}")
_OTHER = re.compile(rf"[A-Z0-9]{{{OTHER_CHARS_MIN},{OTHER_CHARS_MAX}}}")
#: Countries whose prefix in VAT numbers is not their ISO 3166 code.
_PREFIX = {"GR": "EL"}
_VAT = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d{7}[A-W][A-I]?|\d[A-Z]\d{5}[A-W]",
    "IT": r"\d{11}",
    "LT": r"\d{9}|\d{12}",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{10}01",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
}
_COUNTRY = re.compile(r"[A-Z]{2}")


class TaxIdInvalid(Unprocessable):
    code = "tax_id_invalid"
    title = "This is not a tax number"


def checked_tax_id(country: str, number: str) -> tuple[str, bool]:
    """The number with digits and letters only, and whether it can only be a company's. Raises TaxIdInvalid."""
    if not _COUNTRY.fullmatch(country):
        raise TaxIdInvalid("country is two capital letters of ISO 3166-1", field="country")
    plain = _MARKS.sub("", number).upper()
    if country == "BR":
        return _brazilian(plain)
    prefix = _PREFIX.get(country, country)
    if prefix in _VAT:
        national = plain.removeprefix(prefix)
        if not re.fullmatch(_VAT[prefix], national, re.ASCII):
            raise TaxIdInvalid(f"this is not a VAT number of {country}", field="tax_id")
        return prefix + national, True
    if not _OTHER.fullmatch(plain):
        raise TaxIdInvalid(
            f"a tax number has {OTHER_CHARS_MIN} to {OTHER_CHARS_MAX} digits and letters", field="tax_id"
        )
    return plain, False


def _brazilian(plain: str) -> tuple[str, bool]:
    if _CPF.fullmatch(plain) and len(set(plain)) > 1 and plain.endswith(_cpf_digits(plain[:9])):
        return plain, False
    if _CNPJ.fullmatch(plain) and len(set(plain)) > 1 and plain.endswith(_cnpj_digits(plain[:12])):
        return plain, True
    raise TaxIdInvalid("this is neither a CPF nor a CNPJ: length or check digits are wrong", field="tax_id")


def _cpf_digits(base: str) -> str:
    """Weights 10 to 2 for the first check digit, 11 to 2 for the second."""
    digits = [int(one) for one in base]
    for _ in range(2):
        total = sum(weight * digit for weight, digit in zip(range(len(digits) + 1, 1, -1), digits, strict=True))
        digits.append(_modulo_11(total))
    return f"{digits[-2]}{digits[-1]}"


def _cnpj_digits(base: str) -> str:
    """Weights 2 to 9 from the right, again and again; a letter counts as its ASCII code less 48."""
    values = [ord(one) - 48 for one in base]
    for _ in range(2):
        values.append(_modulo_11(sum((at % 8 + 2) * value for at, value in enumerate(reversed(values)))))
    return f"{values[-2]}{values[-1]}"


def _modulo_11(total: int) -> int:
    rest = total % 11
    return 0 if rest < 2 else 11 - rest
