"""Tax numbers: check digits of Brazil, formats of the European Union."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.domains.identity.contract import TaxIdInvalid
from renga.kernel.tax_ids import checked_tax_id


@pytest.mark.parametrize(
    ("country", "number", "plain", "company"),
    [
        ("BR", "529.982.247-25", "52998224725", False),
        ("BR", "111.444.777-35", "11144477735", False),
        ("BR", "11.222.333/0001-81", "11222333000181", True),
        ("BR", "12.ABC.345/01DE-35", "12ABC34501DE35", True),  # the example of the Receita Federal
        ("BR", "12.abc.345/01de-35", "12ABC34501DE35", True),
        ("DE", "DE 123 456 789", "DE123456789", True),
        ("DE", "123456789", "DE123456789", True),
        ("GR", "EL094259216", "EL094259216", True),
        ("FR", "FR40303265045", "FR40303265045", True),
        ("NL", "NL123456789B01", "NL123456789B01", True),
        ("ES", "X1234567L", "ESX1234567L", True),
        ("AT", "ATU12345678", "ATU12345678", True),
        ("SE", "SE123456789001", "SE123456789001", True),
        ("IE", "IE1234567WA", "IE1234567WA", True),
        ("US", "12-3456789", "123456789", False),
    ],
)
def test_a_number_in_any_way_of_writing(country: str, number: str, plain: str, company: bool) -> None:
    assert checked_tax_id(country, number) == (plain, company)


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("BR", "529.982.247-26"),
        ("BR", "000.000.000-00"),
        ("BR", "00.000.000/0000-00"),
        ("BR", "12.ABC.345/01DE-36"),
        ("BR", "1122233300018A"),
        ("BR", ""),
        ("DE", "FR123456789"),
        ("GR", "GR094259216"),
        ("NL", "NL123456789A01"),
        ("FR", "FRIO303265045"),
        ("US", "12\u0663456789"),
        ("DE", "DE12345678\u0669"),
        ("Brazil", "52998224725"),
    ],
)
def test_a_number_that_is_none(country: str, number: str) -> None:
    with pytest.raises(TaxIdInvalid):
        checked_tax_id(country, number)


@given(st.from_regex(r"[0-9]{9}", fullmatch=True).filter(lambda base: len(set(base)) > 1))
def test_each_base_of_a_cpf_has_one_pair_of_check_digits(base: str) -> None:
    assert sum(_is_valid(f"{base}{check:02}") for check in range(100)) == 1


def _is_valid(number: str) -> bool:
    try:
        checked_tax_id("BR", number)
    except TaxIdInvalid:
        return False
    return True
