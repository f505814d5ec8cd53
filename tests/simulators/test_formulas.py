"""Formulas of cards, Pix and boletos against public examples."""

from datetime import date, timedelta

import pytest

from renga.simulators.payment_provider.formulas import boleto, brcode, cards
from renga.simulators.payment_provider.model.card_numbers import NUMBERS
from renga.simulators.payment_provider.model.fees import parts_of, share_bp

#: Banco do Brasil's public example: line and barcode.
LINE = "00190500954014481606906809350314337370000000100"
BARCODE = "00193373700000001000500940144816060680935031"


def test_the_code_of_the_central_banks_manual_has_its_checksum() -> None:
    # Manual de Padrões para Iniciação do Pix: the example of a static QR code
    code = brcode.static_code(key="123e4567-e12b-12d1-a456-426655440000", name="Fulano de Tal", city="BRASILIA")
    assert code == (
        "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal"
        "6008BRASILIA62070503***63041D3D"
    )
    assert brcode.is_whole(code)
    assert not brcode.is_whole(code.replace("Fulano", "Fulana"))


def test_a_code_counts_bytes_and_drops_accents() -> None:
    code = brcode.static_code(key="a@b.c", name="Açaí & Cia " * 9, city="São Paulo", amount="12.34", txid="R1")
    assert "540512.34" in code
    assert "6009Sao Paulo" in code
    assert "5925Acai & Cia Acai & Cia Aca" in code
    assert "62060502R1" in code
    assert brcode.plain("日本", 25) == "-"
    with pytest.raises(ValueError, match="bytes"):
        brcode.static_code(key="é" * 50, name="A", city="B")


def test_a_dynamic_code_names_the_address_of_the_charge() -> None:
    code = brcode.dynamic_code(url="pix.example/qr/v2/1", name="Loja", city="Recife")
    assert code.startswith("000201010212264100" + "14br.gov.bcb.pix" + "2519pix.example/qr/v2/1")


def test_crc_of_the_standard_check_word() -> None:
    assert brcode.crc16("123456789") == "29B1"  # CRC-16/CCITT-FALSE


def test_the_example_boleto_both_ways() -> None:
    assert boleto.line_of(BARCODE) == LINE
    assert boleto.barcode_of(LINE) == BARCODE
    assert boleto.is_right(LINE)
    assert boleto.written(LINE) == "00190.50095 40144.816069 06809.350314 3 37370000000100"
    assert boleto.barcode(bank="001", due=date(2007, 12, 31), cents=100, free=BARCODE[19:]) == BARCODE


def test_every_single_wrong_digit_of_a_line_is_found() -> None:
    for place, digit in enumerate(LINE):
        for other in "0123456789".replace(digit, ""):
            assert not boleto.is_right(LINE[:place] + other + LINE[place + 1 :]), (place, other)
    assert not boleto.is_right(LINE[:-1])
    assert not boleto.is_right("²" + LINE[1:])


@pytest.mark.parametrize(
    ("day", "factor"),
    [
        (date(2000, 7, 3), 1000),
        (date(2025, 2, 21), 9999),
        (date(2025, 2, 22), 1000),
        (date(2026, 11, 30), 1646),
        (date(2049, 10, 13), 9999),
        (date(2049, 10, 14), 1000),
    ],
)
def test_the_due_date_factor_starts_again(day: date, factor: int) -> None:
    assert boleto.due_factor(day) == factor


def test_a_boleto_that_cannot_be_is_an_error() -> None:
    with pytest.raises(ValueError, match="before the first"):
        boleto.due_factor(date(2000, 7, 2))
    with pytest.raises(ValueError, match="ten digits"):
        boleto.barcode(bank="999", due=date(2026, 1, 1), cents=10**10, free="0" * 25)
    with pytest.raises(ValueError, match="25"):
        boleto.barcode(bank="999", due=date(2026, 1, 1), cents=1, free="0" * 24)


def test_boletos_of_many_days_and_amounts_are_right() -> None:
    for step in range(0, 400, 7):
        code = boleto.barcode(
            bank="999", due=date(2026, 1, 1) + timedelta(days=step), cents=step * 12_345, free=f"{step:025d}"
        )
        assert len(code) == 44
        assert boleto.is_right(boleto.line_of(code))
        assert boleto.barcode_of(boleto.line_of(code)) == code


def test_every_number_of_the_list_is_a_card_number() -> None:
    assert all(cards.luhn(number) and cards.brand_of(number) for number in NUMBERS)


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("4242424242424242", "visa"),
        ("5555555555554444", "mastercard"),
        ("2223003122003222", "mastercard"),
        ("378282246310005", "amex"),
        ("6362970000457013", "elo"),
        ("5066991111111118", "elo"),
        ("6062826786276634", "hipercard"),
        ("6011111111111117", "discover"),
        ("36227206271667", "diners"),
        ("3566002020360505", "jcb"),
        ("6200000000000005", "unionpay"),
        ("1234567812345670", None),
        ("42424242424242", None),
    ],
)
def test_brands_by_prefix_and_length(number: str, brand: str | None) -> None:
    assert cards.brand_of(number) == brand


def test_parts_sum_to_the_whole() -> None:
    assert parts_of(100, 3) == [34, 33, 33]
    assert parts_of(2, 2) == [1, 1]
    assert all(sum(parts_of(amount, count)) == amount for amount in range(1, 200, 13) for count in range(1, 25))
    assert (share_bp(10_000, 299), share_bp(50, 100), share_bp(49, 100)) == (299, 1, 0)
