"""What is a payment, and in which order its means are asked."""

import pytest

from renga.domains.payments.contract.errors import PaymentInvalid
from renga.domains.payments.contract.payments import NewMeans, NewPayment, Payer, Share
from renga.domains.payments.model.checking import checked_payment
from renga.kernel.money import Money
from tests.payments.till import card


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewPayment(key="", reference="r", amount=Money(1, "BRL"), means=(card(),)), "key"),
        (NewPayment(key="k", reference="a\0b", amount=Money(1, "BRL"), means=(card(),)), "reference"),
        (NewPayment(key="k", reference="r" * 121, amount=Money(1, "BRL"), means=(card(),)), "reference"),
        (NewPayment(key="k", reference="\ud800", amount=Money(1, "BRL"), means=(card(),)), "reference"),
        (NewPayment(key="k", reference="r", amount=Money(0, "BRL"), means=(card(),)), "amount"),
        (NewPayment(key="k", reference="r", amount=Money(2**53, "BRL"), means=(card(),)), "amount"),
        (NewPayment(key="k", reference="r", amount=Money(10**30, "BRL"), means=(card(),)), "amount"),
        (NewPayment(key="k", reference="r", amount=Money(5, "BRL"), means=()), "means"),
        (NewPayment(key="k", reference="r", amount=Money(5, "BRL"), means=(card(),) * 6), "means"),
        (NewPayment(key="k", reference="r", amount=Money(5, "BRL"), means=(card(4),)), "means"),
        (NewPayment(key="k", reference="r", amount=Money(5, "BRL"), means=(card(5), card())), "means"),
        (NewPayment(key="k", reference="r", amount=Money(5, "BRL"), means=(card(), card())), "means"),
        (NewPayment(key="k", reference="r", amount=Money(5, "BRL"), means=(card(-1), card(6))), "means[0].amount"),
        (
            NewPayment(
                key="k",
                reference="r",
                amount=Money(5, "BRL"),
                means=(card(),),
                shares=(Share(amount=3), Share(amount=3)),
            ),
            "shares",
        ),
        (
            NewPayment(key="k", reference="r", amount=Money(5, "BRL"), means=(NewMeans(method="card"),)),
            "means[0].token",
        ),
        (
            NewPayment(key="k", reference="r", amount=Money(5, "BRL"), means=(NewMeans(method="pix", token="t"),)),
            "means[0].token",
        ),
        (
            NewPayment(
                key="k",
                reference="r",
                amount=Money(5, "BRL"),
                means=(NewMeans(method="pix", amount=2), NewMeans(method="boleto")),
                payer=Payer(name="Ana", tax_id="52998224725"),
            ),
            "means",
        ),
        (
            NewPayment(key="k", reference="r", amount=Money(5, "BRL"), means=(NewMeans(method="boleto"),)),
            "payer",
        ),
        *(
            (
                NewPayment(
                    key="k",
                    reference="r",
                    amount=Money(5, "BRL"),
                    means=(NewMeans(method="boleto"),),
                    payer=Payer(name="Ana", tax_id=number),
                ),
                "payer.tax_id",
            )
            for number in ("1", "111.111.111-11", "529.982.247-26", "12.345.678/0001-96")
        ),
        (
            NewPayment(key="k", reference="r", amount=Money(5, "BRL"), means=(card(save=True),)),
            "means[0].consent",
        ),
        (
            NewPayment(key="k", reference="r", amount=Money(5, "BRL"), means=(card(instalments=25),)),
            "means[0].instalments",
        ),
        (
            NewPayment(key="k", reference="r", amount=Money(5, "BRL"), means=(card(),), return_url="javascript:1"),
            "return_url",
        ),
    ],
)
def test_what_is_no_payment_is_refused(new: NewPayment, field: str) -> None:
    with pytest.raises(PaymentInvalid) as refused:
        checked_payment(new)
    assert refused.value.field == field


def test_means_are_ordered_and_the_open_one_pays_the_rest() -> None:
    gift = NewMeans(method="gift_card", code="A", amount=100)
    new = NewPayment(
        key="k", reference="r", amount=Money(1000, "BRL"), means=(NewMeans(method="pix", amount=7), card(), gift)
    )
    assert [(one.method, one.amount) for one in checked_payment(new)] == [
        ("gift_card", 100), ("card", 893), ("pix", 7),
    ]  # fmt: skip
