"""The scripted provider with webhooks: whatever changes there becomes an event, which a test delivers when and how it likes."""

from dataclasses import dataclass, field

from renga.domains.payments.contract.payments import DeclineReason
from renga.domains.payments.model.records import ProviderRecord
from renga.domains.payments.ports.provider import Authorise, Inquiry, Outcome, ProviderEvent
from tests.payments.scripted_provider import ScriptedProvider


class _Truth(dict[str, ProviderRecord]):
    """Tells of each change."""

    def __init__(self, provider: "TellingProvider") -> None:
        super().__init__()
        self.provider = provider

    def __setitem__(self, ref: str, record: ProviderRecord) -> None:
        if self.get(ref) != record:
            super().__setitem__(ref, record)
            self.provider.tell(record)


@dataclass
class TellingProvider(ScriptedProvider):
    """``waiting``: events that were not delivered yet, in their order. ``bare``: events name the payment only.

    ``metadata``: events give our id of the means back; ``refused_amounts``: authorisations of these are refused;
    ``asked``: how often ``find`` was called.
    """

    waiting: list[ProviderEvent] = field(default_factory=list)
    bare: bool = False
    metadata: bool = True
    refused_amounts: set[int] = field(default_factory=set)
    asked: int = 0

    def __post_init__(self) -> None:
        self.truth = _Truth(self)

    def tell(self, record: ProviderRecord) -> None:
        event = ProviderEvent(
            id=f"evt_{len(self.events) + 1}", kind=f"payment.{record.state}", ref=record.ref,
            means=self.means_of(record) if self.metadata else None, record=None if self.bare else record,
        )  # fmt: skip
        self.events.append(event)
        self.waiting.append(event)

    async def find(self, inquiry: Inquiry) -> Outcome | None:
        self.asked += 1
        return await super().find(inquiry)

    def forget_faults(self) -> None:
        """Calls are right again."""
        self._faults.clear()

    def means_of(self, record: ProviderRecord) -> str | None:
        """Our id, which came with the authorisation."""
        orders = (order for _, order in self.calls if isinstance(order, Authorise))
        return next((order.means for order in orders if order.key == record.key), None)

    def _authorise(self, order: Authorise, fault: str | None, reason: DeclineReason | None) -> Outcome:
        refused = order.amount.amount in self.refused_amounts
        return super()._authorise(order, "refuse" if refused else fault, reason)
