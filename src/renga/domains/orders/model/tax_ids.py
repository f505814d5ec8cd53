"""CPF and CNPJ, the tax numbers of Brazil; a CNPJ may have letters (Receita Federal, IN RFB 2.229/2024)."""

from validate_docbr import CNPJ, CPF

from renga.domains.orders.contract import TaxIdInvalid

#: What people write between the groups of a number.
_PUNCTUATION = str.maketrans("", "", ".-/ ")
_CPF, _CNPJ = CPF(), CNPJ()


def checked_tax_id(text: str) -> str:
    """The number without punctuation, in capitals. Raises TaxIdInvalid."""
    number = text.translate(_PUNCTUATION).upper()
    known = {11: _CPF, 14: _CNPJ}.get(len(number))
    if known is None or not number.isascii() or not number.isalnum() or not known.validate(number):
        raise TaxIdInvalid("tax_id has the digits of neither a CPF nor a CNPJ, or a wrong check digit", field="tax_id")
    return number
