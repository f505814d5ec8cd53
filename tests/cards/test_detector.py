"""What is the number of a card, and what only looks like one."""

import base64
import json
import random
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from renga.kernel.card_numbers import find_cards, mask_cards, may_hold_card
from renga.kernel.card_schemes import SCHEMES, is_card, passes_luhn, scheme_of
from renga.kernel.document_numbers import is_cnpj, is_document, is_gtin
from tests.cards.numbers import ALL, TEST_NUMBERS, grouped, gtin

VISA = "4242424242424242"


@pytest.mark.parametrize(("scheme", "number"), [(name, one) for name, found in TEST_NUMBERS.items() for one in found])
def test_a_schemes_test_number_is_found_however_it_is_written(scheme: str, number: str) -> None:
    assert is_card(number)
    for text in (
        number,
        grouped(number),
        grouped(number, "-"),
        grouped(number, "."),
        grouped(number, "  "),
        grouped(number, " - "),
    ):
        assert [*find_cards(text)] == [number], text
        assert mask_cards(f"a {text} b") == f"a [card ****{number[-4:]}] b"


def test_the_schemes_of_the_test_numbers() -> None:
    found = {number: scheme_of(number) for number in ALL}
    assert found["4242424242424242"] == "Visa"
    assert found["2223003122003222"] == found["2720992593319364"] == "Mastercard"
    assert {one.name for one in SCHEMES} == TEST_NUMBERS.keys()


@pytest.mark.parametrize(
    "text",
    [
        "my card is 4242424242424242, thanks",
        "card4242424242424242!",
        "visa4242424242424242exp1227cvc123",
        "%25EF%25BC%2594242424242424242",
        '{"a":4242424242424242}',
        "4242-4242 4242.4242",
        "42424242 42424242",
        "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2",
        "42 42 42 42 42 42 42 42",
        "4242 4242 4242 4242 12 27 123",
        "11 4242 4242 4242 4242",
        "4242424242424242.00",
        "4242_4242_4242_4242.png",
        "4242\u00a04242\u202f4242\u20114242",
        "4242\u200b4242\u200b4242\u200b4242",
        "\uff14\uff12" * 8,
        "\u0664\u0662" * 8,
        "%34%32" * 8,
        "4242%204242%204242%204242",
        "4242+4242+4242+4242%20",
        "%EF%BC%94242424242424242",
        "%2534242424242424242",
        "\\u0034242424242424242",
        "\\uff14242424242424242",
        "&#52;242424242424242",
        "&#x34;242424242424242",
        "/v1/x/4242424242424242/",
        "+4242424242424242",
        "tel 0055 4242424242424242",
    ],
)
def test_a_number_is_found_in_what_people_and_programs_write(text: str) -> None:
    assert may_hold_card(text.encode())
    assert set(find_cards(text)) == {VISA}
    masked = mask_cards(text)
    assert "[card ****4242]" in masked
    assert [*find_cards(masked)] == []


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424241",  # check digit
        "1234567812345670",  # no scheme begins with 1
        "424242424242",  # 12 digits
        "42424242424242424242",  # 20 digits
        "378282246310005378282246310005",
        "a4242424242424242f0",  # a part of a token
        "0x4242424242424242",
        "0.4242424242424242",
        "-46.6333093424242424",
        "+4222222222222",
        "+55 11 4242 4242 4242",
        "42424242-4242-4242-a242-424242424242",
        "00-0af7651916cd43dd8448eb211c80319c-4242424242424242-01",
        "30.12.2024 - 31.12.2024",
        "2024-01-15 2024-01-16",
        "img_462534_1814360819.jpg",
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "52040000530398654051",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert [*find_cards(text)] == []
    assert mask_cards(text) == text


def test_article_numbers_with_a_right_check_digit_are_never_cards() -> None:
    rng = random.Random(13)
    likes_a_card = 0
    for _ in range(20_000):
        for length in (7, 11, 12, 13):
            number = gtin("".join(rng.choices("0123456789", k=length)))
            assert is_gtin(number)
            assert not is_card(number)
            assert [*find_cards(f"EAN {number}.")] == []
            likes_a_card += passes_luhn(number) and scheme_of(number) is not None
    assert likes_a_card > 100, "the exemption is exercised"


def test_documents_of_brazil_are_none() -> None:
    assert is_cnpj("11222333000181")
    assert is_document("00190500954014481606906809350314337370000000100")
    assert [*find_cards("00190.50095 40144.816069 06809.350314 3 37370000000100")] == []
    rng = random.Random(1)
    for _ in range(2_000):
        assert [*find_cards(_cnpj(rng))] == []
        assert [*find_cards(_invoice_key(rng))] == []
        assert [*find_cards(_boleto(rng))] == []
        assert [*find_cards(_boleto(rng).replace(" ", "").replace(".", ""))] == []


def test_a_card_beside_a_document_is_found() -> None:
    rng = random.Random(2)
    assert [*find_cards(f"{_invoice_key(rng)}; {VISA}")] == [VISA]
    assert [*find_cards(f"11222333000181, {VISA}")] == [VISA]
    assert [*find_cards(f"{uuid.UUID(int=7)} {VISA}")] == [VISA]


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def _mod11(digits: str) -> int:
    return sum(int(digit) * (2 + place % 8) for place, digit in enumerate(reversed(digits))) % 11


def _cnpj(rng: random.Random) -> str:
    digits = _digits(rng, 12)
    for _ in range(2):
        rest = _mod11(digits)
        digits += str(0 if rest < 2 else 11 - rest)
    return digits


def _invoice_key(rng: random.Random) -> str:
    digits = _digits(rng, 43)
    check = 11 - _mod11(digits)
    return grouped(digits + str(0 if check >= 10 else check))


def _boleto(rng: random.Random) -> str:
    """Of a bank whose code begins like American Express."""

    def checked(digits: str) -> str:
        doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
        return digits + str(-sum(one // 10 + one % 10 for one in doubled) % 10)

    one, two, three = checked("3419" + _digits(rng, 5)), checked(_digits(rng, 10)), checked(_digits(rng, 10))
    return f"{one[:5]}.{one[5:]} {two[:5]}.{two[5:]} {three[:5]}.{three[5:]} {_digits(rng, 1)} {_digits(rng, 14)}"


RNG = random.Random(4)
GENERATED: dict[str, Callable[[], str]] = {
    "uuid": lambda: str(uuid.UUID(int=RNG.getrandbits(128), version=4)),
    "sha-256": lambda: RNG.randbytes(32).hex(),
    "base64": lambda: base64.b64encode(RNG.randbytes(200)).decode(),
    "jwt": lambda: ".".join(base64.urlsafe_b64encode(RNG.randbytes(size)).decode() for size in (30, 200, 64)),
    "milliseconds": lambda: str(RNG.randrange(1_500_000_000_000, 1_999_999_999_999)),
    "microseconds": lambda: str(RNG.randrange(1_500_000_000_000_000, 1_999_999_999_999_999)),
    "float": lambda: repr(RNG.random() * 10 ** RNG.randrange(3)),
    "place": lambda: f"{-90 * RNG.random()!r},{-180 * RNG.random()!r}",
    "analytics cookie": lambda: f"GA1.2.{_digits(RNG, 10)}.17{_digits(RNG, 8)}",
    "phone": lambda: f"+55 (11) 9{_digits(RNG, 4)}-{_digits(RNG, 4)}",
    "amounts": lambda: json.dumps([RNG.randrange(10**9) for _ in range(10)]),
}


@pytest.mark.parametrize("kind", GENERATED)
def test_what_programs_write_is_not_taken_for_a_card(kind: str) -> None:
    made = [GENERATED[kind]() for _ in range(3_000)]
    assert [text for text in made if any(True for _ in find_cards(text))] == []


def test_a_masked_text_shows_four_digits_at_most() -> None:
    masked = mask_cards(f"{VISA} and {grouped('378282246310005')}, again {VISA}")
    assert masked == "[card ****4242] and [card ****0005], again [card ****4242]"


def test_numbers_that_are_encoded_again_and_again_are_hidden_with_their_text() -> None:
    one, many = VISA, []
    for _ in range(30):
        many.append(one)
        one = one.replace("%", "%25") if "%" in one else "%34" + one[1:]
    masked = mask_cards(" ".join(many))
    assert [*find_cards(masked)] == []
    assert "2424242" not in masked


def test_text_without_a_card_comes_back_as_it_is() -> None:
    for text in ("", "a%20b", "100% &amp; \\u0041 4242", "\ud800 4242", "\x00" * 20, "9" * 50_000):
        assert mask_cards(text) is text


@pytest.mark.parametrize(
    "text",
    ["4 2 " * 250_000, "4242424242424241 " * 60_000, "4" * 1_000_000, "4241 " * 200_000, "%34" * 330_000,
     '"4006381333931",' * 60_000, "DE12 3456 7890 1234 5678 90 " * 36_000, "000201br.gov.bcb.pix" * 50_000],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_a_megabyte_made_to_be_slow_takes_a_bounded_time(text: str) -> None:
    started = time.thread_time()
    assert [*find_cards(text)] == []
    assert time.thread_time() - started < 10, "about a second; quadratic work would take minutes"


def test_no_article_number_of_a_real_catalogue_is_taken_for_a_card() -> None:
    """Those of 19,406 products that pass Luhn and begin like cards."""
    numbers = (Path(__file__).parent / "eans.txt").read_text().split()
    assert len(numbers) > 500
    assert all(passes_luhn(number) for number in numbers)
    assert [number for number in numbers if any(True for _ in find_cards(f"q={number}"))] == []
