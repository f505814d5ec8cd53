"""A double of Stripe's API in this process, as an httpx transport: what Stripe's documentation says, where localstripe differs.

Idempotency keys with their answers, in-use and mismatch errors; totals of intents; refunds never above what was captured;
disputes; signed events. https://docs.stripe.com/api
"""

import asyncio
import hashlib
import hmac
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

from tests.payments.stripe_ledger import Movements

Object = dict[str, Any]
APPROVED, DECLINED, POOR = "pm_card_visa", "pm_card_chargeDeclined", "pm_card_chargeDeclinedInsufficientFunds"
CHALLENGE = "pm_card_authenticationRequired"
DECLINES = {DECLINED: "generic_decline", POOR: "insufficient_funds"}
WEEK_S = 7 * 24 * 3600


class Refusal(Exception):
    def __init__(self, status: int, type_: str, code: str | None = None, **members: Any) -> None:
        super().__init__(code)
        self.status = status
        self.error = {"type": type_, "message": f"{code or type_}", **members} | ({"code": code} if code else {})


def invalid(code: str | None = None, **members: Any) -> Refusal:
    return Refusal(400, "invalid_request_error", code, **members)


@dataclass
class StripeDouble(httpx.AsyncBaseTransport):
    """``now_s``: its clock. ``multicapture``: whether the account may capture several times."""

    now_s: Callable[[], int]
    multicapture: bool = False
    objects: dict[str, Object] = field(default_factory=dict)
    events: list[Object] = field(default_factory=list)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    answers: dict[str, tuple[str, httpx.Response | None]] = field(default_factory=dict)
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.movements = Movements(self)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = (await request.aread()).decode()
        key = request.headers.get("idempotency-key")
        self.requests.append((request.method, request.url.path, key))
        if request.headers.get("authorization") != "Bearer sk_test_double":
            return _answer(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key"}})
        if request.method == "GET":
            return self._answered(request.url.path, "GET", _form(request.url.query.decode()))
        if request.method == "POST":
            assert key, "a request that changes something has no idempotency key"
            return await self._once(key, f"{request.url.path}?{body}", request.url.path, _form(body))
        return self._answered(request.url.path, "DELETE", {})

    async def _once(self, key: str, fingerprint: str, path: str, form: Object) -> httpx.Response:
        if key in self.answers:
            first, answer = self.answers[key]
            if answer is None:
                return _answer(409, {"error": {"type": "invalid_request_error", "code": "idempotency_key_in_use"}})
            if first != fingerprint:
                return _answer(400, {"error": {"type": "idempotency_error", "message": "other parameters"}})
            return _answer(answer.status_code, json.loads(answer.content))
        self.answers[key] = (fingerprint, None)
        await asyncio.sleep(0.001)
        answer = self._answered(path, "POST", form)
        self.answers[key] = (fingerprint, answer)
        return _answer(answer.status_code, json.loads(answer.content))

    def _answered(self, path: str, method: str, form: Object) -> httpx.Response:
        kind, *rest = path.removeprefix("/v1/").split("/")
        expand = form.pop("expand", [])
        try:
            found = self._route(method, kind, rest, form)
        except Refusal as refusal:
            return _answer(refusal.status, {"error": refusal.error})
        return _answer(200, self._expanded(found, [one.removeprefix("data.") for one in expand]))

    def _route(self, method: str, kind: str, rest: list[str], form: Object) -> Object:
        if method == "GET":
            return self.get(rest[0]) if rest else self.movements.listed(kind, form)
        if method == "DELETE":
            return {"id": self.objects.pop(self.get(rest[0])["id"])["id"], "deleted": True}
        name = "_".join([kind, *rest[1:]])
        return {
            "payment_intents": self._pay,
            "payment_intents_capture": self._capture,
            "payment_intents_cancel": self._cancel,
            "refunds": self._refund,
            "customers": lambda f: self.make("cus", **f),
            "setup_intents": self._set_up,
        }[name](form | ({"id": rest[0]} if rest else {}))

    def get(self, identifier: str) -> Object:
        if identifier not in self.objects:
            raise Refusal(404, "invalid_request_error", "resource_missing")
        return self.objects[identifier]

    def make(self, prefix: str, **members: Any) -> Object:
        identifier = f"{prefix}_double{next(self.ids)}"
        made = {"id": identifier, "created": self.now_s(), **members}
        self.objects[identifier] = made
        return made

    def _method(self, form: Object) -> str:
        method = str(form.get("payment_method", ""))
        if "customer" in form and form["customer"] not in self.objects:
            raise Refusal(404, "invalid_request_error", "resource_missing", param="customer")
        if "customer" in form and self.get(form["customer"]).get("method") == method:
            return method
        if method not in (APPROVED, CHALLENGE, *DECLINES):
            raise Refusal(404, "invalid_request_error", "resource_missing", param="payment_method")
        return method

    def _pay(self, form: Object) -> Object:
        amount = int(form["amount"])
        if amount < 1:
            raise invalid("amount_too_small", param="amount")
        method = self._method(form)
        if "setup_future_usage" in form and method == APPROVED:
            method = self.get(form["customer"])["method"] = f"pm_kept{next(self.ids)}"
        intent = self.make(
            "pi",
            object="payment_intent",
            amount=amount,
            currency=form["currency"],
            capture_method=form.get("capture_method", "automatic"),
            metadata=form.get("metadata", {}),
            amount_received=0,
            amount_capturable=0,
            customer=form.get("customer"),
            payment_method=method,
            setup_future_usage=form.get("setup_future_usage"),
            status="requires_confirmation",
            last_payment_error=None,
            next_action=None,
            latest_charge=None,
        )
        if method == CHALLENGE:
            return self._challenge(intent, form)
        if method in DECLINES:
            self.fail(intent, "card_declined", DECLINES[method])
        return self.authorised(intent)

    def _challenge(self, intent: Object, form: Object) -> Object:
        if form.get("off_session") == "true" or form.get("error_on_requires_action") == "true":
            self.fail(intent, "authentication_required", "authentication_required")
        url = f"https://hooks.stripe.test/redirect/{intent['id']}" if "return_url" in form else None
        kind = "redirect_to_url" if url else "use_stripe_sdk"
        intent |= {"status": "requires_action", "next_action": {"type": kind, kind: {"url": url} if url else {}}}
        self.tell("payment_intent.requires_action", intent)
        return intent

    def fail(self, intent: Object, code: str, decline: str | None = None) -> None:
        """The issuer says no. Raises Refusal."""
        error = {"type": "card_error", "code": code, "message": "no"} | ({"decline_code": decline} if decline else {})
        intent |= {"status": "requires_payment_method", "next_action": None, "last_payment_error": error}
        self.tell("payment_intent.payment_failed", intent)
        raise Refusal(402, "card_error", code, decline_code=decline, payment_intent=dict(intent))

    def authorised(self, intent: Object) -> Object:
        charge = self.make(
            "ch",
            object="charge",
            amount=intent["amount"],
            currency=intent["currency"],
            captured=False,
            amount_captured=0,
            amount_refunded=0,
            disputed=False,
            payment_intent=intent["id"],
            metadata=intent["metadata"],
            payment_method_details={
                "card": {
                    "brand": "visa",
                    "last4": "4242",
                    "exp_month": 12,
                    "exp_year": 2030,
                    "capture_before": self.now_s() + WEEK_S,
                }
            },
        )
        intent |= {"latest_charge": charge["id"], "next_action": None, "status": "requires_capture"}
        intent["amount_capturable"] = intent["amount"]
        if intent["capture_method"] == "automatic":
            return self.take(intent, intent["amount"], final=True)
        self.tell("payment_intent.amount_capturable_updated", intent)
        return intent

    def take(self, intent: Object, amount: int, *, final: bool) -> Object:
        charge = self.objects[intent["latest_charge"]]
        intent["amount_received"] += amount
        intent["amount_capturable"] = 0 if final else intent["amount_capturable"] - amount
        charge["amount_captured"] = intent["amount_received"]
        self.movements.add("charge", amount, charge)
        if not intent["amount_capturable"]:
            charge["captured"], intent["status"] = True, "succeeded"
            self.tell("payment_intent.succeeded", intent)
        return intent

    def _capture(self, form: Object) -> Object:
        intent = self.get(form["id"])
        amount, final = int(form["amount_to_capture"]), form.get("final_capture", "true") == "true"
        if "final_capture" in form and not self.multicapture:
            raise invalid(param="final_capture")
        if intent["status"] != "requires_capture":
            raise invalid("payment_intent_unexpected_state", payment_intent=dict(intent))
        if not 0 < amount <= intent["amount_capturable"]:
            raise invalid("amount_too_large", param="amount_to_capture")
        intent["metadata"] = intent["metadata"] | form.get("metadata", {})
        return self.take(intent, amount, final=final)

    def _cancel(self, form: Object) -> Object:
        intent = self.get(form["id"])
        if intent["status"] in ("succeeded", "canceled") or intent["amount_received"]:
            raise invalid("payment_intent_unexpected_state", payment_intent=dict(intent))
        return self.end(intent, None)

    def end(self, intent: Object, reason: str | None) -> Object:
        """``reason`` "automatic": the authorisation has ended by itself."""
        intent |= {"status": "canceled", "amount_capturable": 0, "next_action": None, "cancellation_reason": reason}
        self.tell("payment_intent.canceled", intent)
        return intent

    def _refund(self, form: Object) -> Object:
        intent = self.get(form["payment_intent"])
        charge = self.objects.get(intent["latest_charge"] or "", {})
        left = intent["amount_received"] - charge.get("amount_refunded", 0)
        if not left:
            raise invalid("charge_already_refunded")
        if not 0 < int(form["amount"]) <= left:
            raise invalid(param="amount")
        refund = self.make(
            "re",
            object="refund",
            amount=int(form["amount"]),
            status="succeeded",
            payment_intent=intent["id"],
            metadata=form.get("metadata", {}),
        )
        charge["amount_refunded"] += refund["amount"]
        self.movements.add("refund", -refund["amount"], refund | {"currency": intent["currency"]})
        self.tell("charge.refunded", charge)
        return refund

    def _set_up(self, form: Object) -> Object:
        self._method(form)
        kept = self.get(form["customer"])["method"] = f"pm_kept{next(self.ids)}"
        return self.make(
            "seti",
            object="setup_intent",
            status="succeeded",
            customer=form["customer"],
            payment_method=kept,
            metadata=form.get("metadata", {}),
        )

    def tell(self, kind: str, about: Object) -> None:
        event = self.make("evt", object="event", type=kind, data={"object": json.loads(json.dumps(about))})
        self.events.append(event)

    def _expanded(self, found: Object, names: list[str]) -> Object:
        if isinstance(found.get("data"), list):
            return found | {"data": [self._expanded(one, names) for one in found["data"]]}
        return found | {name: self.objects.get(found[name], found[name]) for name in names if found.get(name)}


def body_of(event: Object) -> bytes:
    """The body of a webhook."""
    return json.dumps(event).encode()


def signature(body: bytes, at_s: int, secret: str) -> dict[str, str]:
    """The headers that make a webhook's body genuine."""
    digest = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={at_s},v1={digest}"}


def _form(text: str) -> Object:
    """``a[b]=1&c[0]=2`` as nested objects and lists."""
    found: Object = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        path = name.replace("]", "").split("[")
        place = found
        for part in path[:-1]:
            place = place.setdefault(part, {})
        place[path[-1]] = value
    return {
        name: list(value.values()) if isinstance(value, dict) and all(map(str.isdecimal, value)) else value
        for name, value in found.items()
    }


def _answer(status: int, body: Object) -> httpx.Response:
    return httpx.Response(status, json=body)
