"""The double's lists: what moved its balance, payouts, disputes; filtered and paged as Stripe does."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.payments.stripe_double import StripeDouble

Object = dict[str, Any]
FEE_OF_TEN_THOUSAND = 290
PREFIXES = {
    "payment_intents": "pi",
    "refunds": "re",
    "disputes": "du",
    "balance_transactions": "txn",
    "payouts": "po",
}
#: What a list of each kind can be filtered by; an unknown filter is an error, as at Stripe.
FILTERS = {"created", "payment_intent", "payout", "arrival_date", "limit", "starting_after"}


class Movements:
    def __init__(self, double: "StripeDouble") -> None:
        self._double = double

    def add(self, kind: str, amount: int, source: Object) -> Object:
        """A balance transaction; only charges cost a fee."""
        fee = amount * FEE_OF_TEN_THOUSAND // 10_000 if kind == "charge" else 0
        return self._double.make(
            "txn",
            object="balance_transaction",
            type=kind,
            amount=amount,
            fee=fee,
            net=amount - fee,
            currency=source["currency"],
            source=source["id"],
            payout=None,
        )

    def pay_out(self, arrival_s: int) -> Object:
        """Everything that is not paid out yet goes into one payout."""
        payout = self._double.make("po", object="payout", status="paid", arrival_date=arrival_s)
        for one in self._double.objects.values():
            if one.get("object") == "balance_transaction" and one["payout"] is None:
                one["payout"] = payout["id"]
        return payout

    def dispute(self, ref: str, amount: int) -> Object:
        """A cardholder says that they did not pay."""
        intent = self._double.objects[ref]
        charge = self._double.objects[intent["latest_charge"]]
        charge["disputed"] = True
        made = self._double.make(
            "du",
            object="dispute",
            amount=amount,
            currency=intent["currency"],
            status="needs_response",
            reason="fraudulent",
            payment_intent=ref,
            evidence_details={"due_by": self._double.now_s() + 1000},
        )
        self.add("adjustment", -amount, made)
        self._double.tell("charge.dispute.created", made)
        return made

    def close_dispute(self, dispute: Object, status: str) -> None:
        dispute["status"] = status
        if status == "won":
            self.add("adjustment", dispute["amount"], dispute)
        self._double.tell("charge.dispute.closed", dispute)

    def listed(self, kind: str, form: Object) -> Object:
        """A page, newest first."""
        assert set(form) <= FILTERS, form
        found = [one for id_, one in self._double.objects.items() if id_.startswith(f"{PREFIXES[kind]}_")][::-1]
        for name in ("payment_intent", "payout"):
            found = [one for one in found if name not in form or one[name] == form[name]]
        for name in ("created", "arrival_date"):
            found = [one for one in found if name not in form or _within(one[name], form[name])]
        if "starting_after" in form:
            found = found[[one["id"] for one in found].index(form["starting_after"]) + 1 :]
        limit = int(form.get("limit", 10))
        return {"object": "list", "data": found[:limit], "has_more": len(found) > limit}


def _within(value: int, bounds: dict[str, str]) -> bool:
    after = value >= int(bounds.get("gte", 0))
    return after and value <= int(bounds.get("lte", value)) and value < int(bounds.get("lt", value + 1))
