"""``renga quote``: what it prints, in both languages, and files that are no cart."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from renga.domains.pricing.commands.explaining import _REFUSALS, explained
from renga.domains.pricing.commands.quoting import FileCart, QuoteOptions, read_cart, request_of
from renga.domains.pricing.commands.wording import LANGUAGES, WORDS
from renga.domains.pricing.contract import CouponRefusal, Destination, LineChange, PaymentChoice, Quote, ReasonKind
from renga.domains.pricing.contract.quote import TotalType
from renga.domains.pricing.contract.tax import TaxRelief
from renga.kernel.buyer_terms import BuyerTerms
from renga.kernel.errors import Invalid
from tests.pricing.shop import GERMAN_TAX, amount_off, delivery, line, offer, percent, promotion, quoted


def example() -> Quote:
    return quoted(
        [line("mug", 3, was=1000), line("tea", 2)],
        [offer("mug", 1200), offer("tea", 500, available_milli=0)],
        [promotion("spring", percent(1000), codes=["SPRING"]), promotion("later", amount_off(1), codes=["LATER"],
         starts_at="2030-01-01T00:00:00Z")],
        terms=BuyerTerms(currency="EUR", country="DE"), coupons=["SPRING", "LATER"], shipping=[delivery(490)],
        destination=Destination(country="DE"), tables=GERMAN_TAX, payment=PaymentChoice(method="card", surcharge=50),
    )  # fmt: skip


def rows(printed: list[str]) -> dict[str, str]:
    """Text and amount of each line that has one."""
    plain = "\n".join(printed).replace("\u00a0", " ").split("\n")
    return {text[:58].strip(): text[58:].strip() for text in plain if len(text) > 58}


def test_a_quote_reads_as_a_receipt() -> None:
    found = rows(explained(example(), "en", why=False))
    assert found["3 \u00d7 Mug (mug)"] == "€32.40"
    assert (found["Subtotal"], found["Discounts"], found["Shipping"], found["Total"]) == (
        "€36.00",
        "-€3.60",
        "€4.90",
        "€37.80",
    )
    assert "price" not in found
    text = "\n".join(explained(example(), "en", why=False))
    assert "dearer now: €12.00 instead of €10.00" in text
    assert "not available now (2 asked for)" in text
    assert "Coupon SPRING: used" in text
    assert "Coupon LATER: not valid yet" in text
    assert "A line is dearer" in text


def test_with_explain_the_reasons_add_up_line_by_line() -> None:
    text = "\n".join(explained(example(), "pt-BR", why=True)).replace("\u00a0", " ")
    assert rows(text.split("\n"))["preço"] == "€ 36,00"
    assert "cupom: spring, SPRING [spring]" in text
    assert "-€ 3,60" in text
    assert "incluído: USt 19 % DE sobre" in text
    assert "Descontos" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_a_text_for_everything_that_a_quote_can_say(language: str) -> None:
    texts = WORDS[language]
    wanted = [f"total.{one}" for one in get_args(TotalType)]
    wanted += [f"why.{one}" for one in get_args(ReasonKind)]
    wanted += [f"change.{one}" for one in get_args(LineChange)]
    wanted += [f"relief.{one}" for one in get_args(TaxRelief)]
    wanted += [f"coupon.{_REFUSALS[one]}" for one in (None, *get_args(CouponRefusal))]
    assert [key for key in wanted if key not in texts] == []
    assert texts.keys() == WORDS["en"].keys()


def written(folder: Path, cart: Any) -> str:
    path = folder / "cart.json"
    path.write_text(cart if isinstance(cart, str) else json.dumps(cart))
    return str(path)


def test_a_cart_of_the_api_is_read_and_options_change_it(tmp_path: Path) -> None:
    answered = {
        "id": "x", "version": 3, "currency": "BRL", "state": "open", "coupons": ["ONE"], "customer": "ana",
        "terms": {"channel": "app", "country": "BR", "region": "SP", "groups": ["trade"]},
        "lines": [{"line": "l1", "sku": "MUG", "title": "Mug", "quantity": 2,
                   "unit_price": {"amount": 900, "currency": "BRL"}}],
    }  # fmt: skip
    cart = read_cart(written(tmp_path, answered))
    request = request_of(cart, QuoteOptions(cart="-", coupons=("TWO",), postal_code="01310", payment="cash"))
    assert (request.customer, request.coupons) == ("ana", ("ONE", "TWO"))
    assert request.terms == BuyerTerms(currency="BRL", channel="app", country="BR", region="SP")
    assert request.destination == Destination(country="BR", region="SP", postal_code="01310")
    assert request.payment == PaymentChoice(method="cash", cash=True)
    assert [(one.line, one.quantity_milli, one.unit_price) for one in request.lines] == [("l1", 2000, 900)]
    abroad = request_of(cart, QuoteOptions(cart="-", country="PT"))
    assert abroad.destination == Destination(country="PT")


@pytest.mark.parametrize(
    "cart",
    ["", "[]", "{", {"currency": "BRL"}, {"lines": []}, {"currency": "BRL", "lines": [{"sku": "A"}]},
     {"currency": "BRL", "lines": [{"sku": "A", "quantity": "2"}]}],
)  # fmt: skip
def test_a_file_that_is_no_cart_is_refused(tmp_path: Path, cart: Any) -> None:
    with pytest.raises(Invalid):
        read_cart(written(tmp_path, cart))
    with pytest.raises(Invalid):
        read_cart(str(tmp_path / "missing.json"))


def test_fractions_have_three_digits() -> None:
    def asked(quantity: float) -> int:
        cart = FileCart(currency="BRL", lines=read_line(quantity))
        return request_of(cart, QuoteOptions(cart="-")).lines[0].quantity_milli

    assert [asked(one) for one in (1, 0.25, 1.001)] == [1000, 250, 1001]
    for wrong in (0.0005, 0, -1, 1e306, 1_000_001):
        with pytest.raises(Invalid):
            asked(wrong)


def test_a_kept_price_is_in_the_currency_of_the_cart(tmp_path: Path) -> None:
    foreign = {"sku": "A", "quantity": 1, "unit_price": {"amount": 900, "currency": "USD"}}
    cart = read_cart(written(tmp_path, {"currency": "BRL", "lines": [foreign]}))
    with pytest.raises(Invalid):
        request_of(cart, QuoteOptions(cart="-"))


def test_a_postal_code_is_never_ignored() -> None:
    request = request_of(FileCart(currency="BRL", lines=()), QuoteOptions(cart="-", postal_code="01310-100"))
    assert request.destination == Destination(postal_code="01310-100")


def test_a_terminal_gets_no_commands_of_others() -> None:
    quote = quoted([line("tea\x1b[2J")], [offer("tea\x1b[2J", 5)], coupons=["\x1b]0;x\x07"])
    printed = "\n".join(explained(quote, "en", why=True))
    assert "tea\ufffd[2J" in printed
    assert all(char == "\n" or char.isprintable() for char in printed.replace("\u00a0", " "))


def read_line(quantity: float) -> Any:
    from renga.domains.pricing.commands.quoting import FileLine

    return (FileLine(sku="A", quantity=quantity),)
