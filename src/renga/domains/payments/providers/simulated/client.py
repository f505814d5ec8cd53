"""Requests to the provider, and what their answers say about an operation."""

from typing import Any

import httpx
import msgspec

from renga.domains.payments.contract.errors import ProviderAway
from renga.domains.payments.contract.payments import DeclineReason
from renga.domains.payments.ports.provider import Outcome
from renga.domains.payments.providers.simulated.bodies import OperationBody, ProblemBody, reason_of
from renga.domains.payments.providers.simulated.records import record_of

_operation = msgspec.json.Decoder(OperationBody)
_problem = msgspec.json.Decoder(ProblemBody)
_encode = msgspec.json.Encoder().encode
_DONE = frozenset({200, 201, 202, 402})
#: Answers that say for sure that the provider did nothing with this key, now or before.
_REFUSING = frozenset({404, 409, 422})
_STATES: dict[str, DeclineReason] = {"expired": "expired", "voided": "cancelled"}


class SimulatedProviderClient:
    """One connection pool. Only ``read`` raises ProviderAway."""

    def __init__(self, url: str, key: str, timeout_s: float, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
            timeout=timeout_s,
            trust_env=False,
            transport=transport,
        )

    async def operate(self, path: str, body: dict[str, Any], key: str) -> Outcome:
        """Do something once for this key."""
        try:
            answer = await self._http.post(path, content=_encode(body), headers={"idempotency-key": key})
        except httpx.ConnectError:
            # nothing was sent
            return Outcome(kind="refused", reason="provider_error", detail="the simulated provider is not there")
        except httpx.HTTPError as error:
            return Outcome(kind="unknown", detail=f"no answer: {type(error).__name__}")
        if answer.status_code in _DONE:
            return outcome_of(answer.content)
        if answer.status_code in _REFUSING:
            return _refused(answer.content)
        return Outcome(kind="unknown", detail=f"the provider answered {answer.status_code}")

    async def read(self, path: str, **query: str | int) -> bytes | None:
        """What is there; None: nothing (404). Raises ProviderAway."""
        answer = await self._ask("GET", path, query)
        return answer.content if answer.status_code == 200 else None

    async def remove(self, path: str) -> None:
        """Raises ProviderAway."""
        await self._ask("DELETE", path, {})

    async def _ask(self, method: str, path: str, query: dict[str, str | int]) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, params=query)
        except httpx.HTTPError as error:
            raise ProviderAway(f"the simulated provider does not answer: {type(error).__name__}") from error
        if answer.status_code not in (200, 204, 404):
            raise ProviderAway(f"the simulated provider answered {answer.status_code}")
        return answer

    async def close(self) -> None:
        await self._http.aclose()


def outcome_of(content: bytes) -> Outcome:
    """What an operation's answer says."""
    try:
        body = _operation.decode(content)
        record = record_of(body.payment) if body.payment else None
    except (msgspec.MsgspecError, ValueError) as error:
        return Outcome(kind="unknown", detail=f"the answer cannot be read: {error}")
    reason = reason_of(body.reason) if body.outcome == "refused" else None
    return Outcome(kind=body.outcome, reason=reason, record=record)


def _refused(content: bytes) -> Outcome:
    try:
        body = _problem.decode(content)
        record = record_of(body.payment) if body.payment else None
    except (msgspec.MsgspecError, ValueError) as error:
        return Outcome(kind="unknown", detail=f"the answer cannot be read: {error}")
    if body.code == "idempotency_conflict":
        # something was done for this key, and not this: ``find`` says what
        return Outcome(kind="unknown", detail=body.detail)
    reason = reason_of(body.code)
    if reason == "provider_error" and record is not None:
        reason = _STATES.get(record.state, reason)
    return Outcome(kind="refused", reason=reason, record=record, detail=body.detail)
