"""What a provider sends is bounded before it is kept, even rightly signed."""

import pytest

from renga.domains.payments.contract.errors import WebhookInvalid
from renga.domains.payments.ports.provider import ProviderDispute, ProviderEvent, ProviderRecord
from renga.domains.payments.webhooks.checking import checked_events
from renga.kernel.money import AMOUNT_MAX, Money


def record(**changed: object) -> ProviderRecord:
    fields: dict[str, object] = {"ref": "r1", "state": "captured", "amount": Money(100, "BRL"), "captured": 100}
    return ProviderRecord(**(fields | changed))  # type: ignore[arg-type]  # what is wrong on purpose


def event(**changed: object) -> ProviderEvent:
    fields: dict[str, object] = {"id": "e1", "kind": "paid", "ref": "r1", "record": record()}
    return ProviderEvent(**(fields | changed))  # type: ignore[arg-type]  # what is wrong on purpose


def test_a_hundred_events_pass_and_an_id_counts_once() -> None:
    events = [event(id=f"e{number}") for number in range(99)] + [event(id="e98", kind="again")]
    kept = checked_events(events)
    assert [one.id for one in kept] == [f"e{number}" for number in range(99)]
    assert kept[98].kind == "again"
    assert checked_events([event(id="é" * 255, means=None, record=None)])[0].ref == "r1"


@pytest.mark.parametrize(
    "wrong",
    [
        event(id=""),
        event(id="x" * 256),
        event(id="a\0b"),
        event(kind="\ud800"),
        event(ref="", record=None),
        event(ref="x\n", record=None),
        event(means="x" * 256),
        event(ref="r2"),  # and the record names r1
        event(record=record(amount=Money(-1, "BRL"))),
        event(record=record(captured=AMOUNT_MAX + 1)),
        event(record=record(refunded=-1)),
        event(record=record(disputes=(ProviderDispute(id="d", state="opened", amount=2**63, reason="fraud"),))),
        event(record=record(saved_ref="a\0b")),
        event(record=record(saved_ref="\udfff")),
    ],
)
def test_what_cannot_be_kept_is_refused(wrong: ProviderEvent) -> None:
    with pytest.raises(WebhookInvalid):
        checked_events([event(id="fine"), wrong])


def test_more_than_a_hundred_events_are_refused() -> None:
    with pytest.raises(WebhookInvalid):
        checked_events([event(id=f"e{number}") for number in range(101)])
