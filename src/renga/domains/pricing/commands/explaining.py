"""A quote as a person reads it: lines with amounts, and why each amount is what it is."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from babel.numbers import format_currency, format_decimal

from renga.domains.pricing.commands.wording import WORDS
from renga.domains.pricing.contract import CouponRefusal, Quote, QuoteCharge, QuoteLine, QuoteReason, QuoteTax
from renga.kernel.money import Money
from renga.platform.texts import locale_of

#: Columns: what it is, and the amount at the right.
WIDTH, AMOUNT_WIDTH = 58, 16
#: What became of a coupon, by its refusal.
_REFUSALS: dict[CouponRefusal | None, str] = {
    None: "used", "coupon_used": "taken", "coupon_unknown": "unknown", "coupon_exhausted": "exhausted",
    "coupon_not_started": "not_started", "coupon_expired": "expired", "coupon_conditions_not_met": "conditions_not_met",
    "coupon_not_combinable": "not_combinable",
}  # fmt: skip


def explained(quote: Quote, language: str, *, why: bool) -> list[str]:
    """The lines to print; ``language`` is one of ``wording.LANGUAGES``."""
    return list(_Printer(language, why).quote(quote))


def _shown(text: str) -> str:
    """Titles and codes are of others: a terminal would follow what is in them."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


class _Printer:
    def __init__(self, language: str, why: bool) -> None:
        self._words, self._why = WORDS[language], why
        self._locale = locale_of(language)

    def _text(self, key: str, **values: str) -> str:
        return self._words[key].format_map(values)

    def quote(self, quote: Quote) -> Iterator[str]:
        for line in quote.lines:
            yield from self._line(line)
        for charge in (*quote.deliveries, *quote.surcharges):
            yield self._row(charge.title, charge.total)
            yield from self._reasons(charge)
        yield "-" * (WIDTH + AMOUNT_WIDTH)
        for total in quote.totals:
            yield self._row(self._text(f"total.{total.type}"), total.amount)
        if quote.rounding.amount:
            yield self._row(self._text("total.rounding"), quote.rounding)
            yield self._row(self._text("total.due"), quote.due)
        yield from self._taxes(quote.taxes, included=quote.prices_include_tax)
        yield from self._ends(quote)

    def _line(self, line: QuoteLine) -> Iterator[str]:
        name = self._text("line", quantity=self._number(line.quantity), title=line.title, sku=line.sku)
        yield self._row(name, line.total)
        if line.change is not None:
            asked = self._number(line.asked)
            was, now = (one if one is None else self._money(one) for one in (line.was, line.now))
            yield "    " + self._text(f"change.{line.change}", was=was or "-", now=now or "-", asked=asked)
        yield from self._reasons(line)
        if self._why and line.lowest_30_days is not None:
            yield "    " + self._text("lowest_30_days", price=self._money(line.lowest_30_days))
        if self._why and line.measure_price is not None:
            measure = line.measure_price
            yield "    " + self._text("measure_price", price=self._money(measure.price), per=measure.per)

    def _reasons(self, part: QuoteLine | QuoteCharge) -> Iterator[str]:
        for reason in part.why if self._why else ():
            yield self._row("    " + self._reason(reason), reason.amount)

    def _reason(self, reason: QuoteReason) -> str:
        """What it is, what it is called, and the id by which it is found."""
        text = self._text(f"why.{reason.kind}")
        details = [one for one in (reason.text, reason.code) if one]
        named = f"{text}: {', '.join(details)}" if details else text
        return f"{named} [{reason.id}]" if reason.kind in ("promotion", "coupon", "gift") and reason.id else named

    def _taxes(self, taxes: Sequence[QuoteTax], *, included: bool) -> Iterator[str]:
        key = "tax.included" if included else "tax.added"
        for tax in taxes:
            rate = "" if tax.rate_ppm is None else f"{self._number(tax.rate_ppm / 10_000)} %"
            text = self._text(key, name=tax.name, rate=rate, where=tax.jurisdiction, net=self._money(tax.net))
            yield self._row(text, tax.tax)

    def _ends(self, quote: Quote) -> Iterator[str]:
        for coupon in quote.coupons:
            yield _shown(self._text(f"coupon.{_REFUSALS[coupon.refused]}", code=coupon.code))
        if quote.relief is not None:
            yield self._text(f"relief.{quote.relief}")
        yield from quote.notes
        if quote.approximated:
            yield self._text("approximated")
        if quote.tax_answer is not None and quote.tax_answer.fallback:
            yield self._text("tax.fallback")
        if quote.consent_required:
            yield self._text("consent_required")

    def _row(self, text: str, amount: Money) -> str:
        """Long texts keep their amount on a line of its own."""
        money = self._money(amount)
        text = _shown(text)
        if len(text) > WIDTH:
            return f"{text}\n{'':<{WIDTH}}{money:>{AMOUNT_WIDTH}}"
        return f"{text:<{WIDTH}}{money:>{AMOUNT_WIDTH}}"

    def _money(self, money: Money) -> str:
        text: str = format_currency(Decimal(money.decimal()), money.currency, locale=self._locale)
        return text

    def _number(self, number: float) -> str:
        text: str = format_decimal(Decimal(str(number)).normalize(), locale=self._locale, decimal_quantization=False)
        return text
