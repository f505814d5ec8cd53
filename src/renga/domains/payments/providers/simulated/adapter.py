"""The simulated provider as a ``PaymentProvider``."""

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TypeVar

import httpx
import msgspec

from renga.domains.payments.contract.errors import ProviderAway
from renga.domains.payments.contract.payments import PaymentMethod
from renga.domains.payments.model.records import ProviderRecord
from renga.domains.payments.ports.provider import (
    Authorise,
    Capabilities,
    Capture,
    Inquiry,
    MethodCapabilities,
    Outcome,
    ProviderEvent,
    Refund,
    SettlementFile,
    SettlementLine,
    Void,
)
from renga.domains.payments.providers.simulated.bodies import ID, PageBody, SimulatedPaymentBody
from renga.domains.payments.providers.simulated.client import SimulatedProviderClient, outcome_of
from renga.domains.payments.providers.simulated.orders import authorise_body
from renga.domains.payments.providers.simulated.records import record_of
from renga.domains.payments.providers.simulated.webhooks import verified
from renga.kernel.money import Money
from renga.platform.derived_secrets import derived_secret

NAME = "simulated"
#: Labels of the derivation of its secrets; the provider itself has the same ones.
API_LABEL = "simulated payment provider: api"
WEBHOOK_LABEL = "simulated payment provider: webhooks"
_BRL = frozenset({"BRL"})
_PAGE = 500
T = TypeVar("T")

METHODS: Mapping[PaymentMethod, MethodCapabilities] = {
    "card": MethodCapabilities(
        captures="many", partial_capture=True, authorisation_life_s=7 * 86_400, instalments_max=24, split=True, saved=True,
        disputes=True,
    ),
    "pix": MethodCapabilities(
        captures="none", asynchronous=True, disputes=True, currencies=_BRL, amount_max=999_999_999_999
    ),
    "boleto": MethodCapabilities(captures="none", asynchronous=True, currencies=_BRL, amount_max=9_999_999_999),
}  # fmt: skip


class SimulatedSettlementLine(msgspec.Struct, frozen=True, rename={"ref": "payment"}):
    """A line of the settlement file."""

    id: str
    ref: str
    kind: str
    currency: str
    gross: int
    fee: int
    net: int
    number: int = 1
    of: int = 1


class SimulatedSettlementBody(msgspec.Struct, frozen=True):
    id: str
    day: str
    final: bool
    lines: tuple[SimulatedSettlementLine, ...]


class SimulatedProvider:
    """Implements ``ports.provider.PaymentProvider``. Secrets that are not given are derived from the shop's.

    ``total_of``: what a buyer pays for an amount in so many instalments; None: the amount.
    """

    name = NAME

    def __init__(
        self,
        url: str,
        *,
        secret: bytes,
        api_key: str = "",
        webhook_secret: str = "",
        timeout_s: float = 10.0,
        total_of: Callable[[Money, int], int] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        base = url.rstrip("/")
        self._client = SimulatedProviderClient(base, api_key or derived_secret(secret, API_LABEL), timeout_s, transport)
        self._webhook_secret = (webhook_secret or derived_secret(secret, WEBHOOK_LABEL)).encode()
        self._total_of = total_of
        self.capabilities = Capabilities(methods=METHODS, tokens_url=f"{base}/tokens", frame_url=f"{base}/frame")

    async def authorise(self, order: Authorise) -> Outcome:
        total = self._total_of(order.amount, order.instalments) if self._total_of else order.amount.amount
        return await self._client.operate("/v1/payments", authorise_body(order, total), order.key)

    async def capture(self, order: Capture) -> Outcome:
        body = {"amount": order.amount.amount, "final": order.final}
        return await self._client.operate(f"{_payment(order.ref)}/capture", body, order.key)

    async def void(self, order: Void) -> Outcome:
        return await self._client.operate(f"{_payment(order.ref)}/void", {}, order.key)

    async def refund(self, order: Refund) -> Outcome:
        body = {"amount": order.amount.amount, "reason": order.reason[:200]}
        return await self._client.operate(f"{_payment(order.ref)}/refunds", body, order.key)

    async def find(self, inquiry: Inquiry) -> Outcome | None:
        content = await self._client.read("/v1/operations", key=inquiry.key)
        return None if content is None else outcome_of(content)

    async def read(self, ref: str, method: PaymentMethod) -> ProviderRecord | None:
        content = await self._client.read(_payment(ref))
        return None if content is None else record_of(_decoded(content, SimulatedPaymentBody))

    def verify(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> Sequence[ProviderEvent]:
        return (verified(headers, body, now_ms, self._webhook_secret),)

    async def records(self, day: str) -> AsyncIterator[ProviderRecord]:
        after: int | None = 0
        while after is not None:
            content = await self._client.read("/v1/payments", changed_on=day, limit=_PAGE, after=after)
            if content is None:
                raise ProviderAway("the simulated provider has no list of payments")
            page = _decoded(content, PageBody)
            for item in page.items:
                yield record_of(item)
            after = page.next

    async def settlement(self, day: str) -> SettlementFile | None:
        content = await self._client.read(f"/v1/settlements/{day}")
        if content is None:
            return None
        said = _decoded(content, SimulatedSettlementBody)
        if not said.final:
            return None  # the day is not over: a file that is imported is not imported again
        lines = tuple(msgspec.convert(msgspec.structs.asdict(line), SettlementLine) for line in said.lines)
        return SettlementFile(id=said.id, provider=NAME, day=said.day, lines=lines)

    async def remove_saved(self, saved_ref: str) -> None:
        await self._client.remove(f"/v1/saved-methods/{saved_ref if re.fullmatch(ID, saved_ref) else 'none'}")

    async def close(self) -> None:
        await self._client.close()


def _payment(ref: str) -> str:
    """The address of a payment; what cannot be an id has one where nothing is."""
    return f"/v1/payments/{ref if re.fullmatch(ID, ref) else 'none'}"


def _decoded(content: bytes, kind: type[T]) -> T:
    """Raises ProviderAway for an answer that cannot be read."""
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise ProviderAway(f"the simulated provider's answer cannot be read: {error}") from error
