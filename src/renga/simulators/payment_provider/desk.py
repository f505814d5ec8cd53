"""The provider's state in one process: file, clock, faults, and the one way in which a change is written."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from msgspec.structs import replace

from renga.simulators.payment_provider.faults import NO_FAULT, DrawnFault, Faults
from renga.simulators.payment_provider.model.card_numbers import WEBHOOK_FATES, CardFace
from renga.simulators.payment_provider.model.charge import Charge, ChargeChange
from renga.simulators.payment_provider.model.fees import FeeTable
from renga.simulators.payment_provider.model.paying import aged
from renga.simulators.payment_provider.model.pix_messages import pix_message
from renga.simulators.payment_provider.model.timing import Timing
from renga.simulators.payment_provider.model.views import event_body
from renga.simulators.payment_provider.secrets_of import ProviderSecrets
from renga.simulators.payment_provider.settings import SimulatedProviderSettings
from renga.simulators.payment_provider.storage.charges import ChargeStore
from renga.simulators.payment_provider.storage.cobs import CobStore
from renga.simulators.payment_provider.storage.database import ProviderDatabase
from renga.simulators.payment_provider.storage.events import EventStore
from renga.simulators.payment_provider.storage.records import RecordStore

_SHIFT, _PAUSED, _FAILING, _CLOSED = "clock_shift_ms", "paused", "failing_cards", "closed_day"
#: A message that is sent twice is sent again after this long.
TWICE_MS = 200
#: Payments that one turn of the clock changes, at most.
AGED_MAX = 100


def machine_ms() -> int:
    """The machine's clock: for sending, never shifted."""
    return time.time_ns() // 1_000_000


def new_token(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


class ProviderDesk:
    """Everything that a request needs. Requests run one after the other, each inside ``serving``."""

    def __init__(
        self,
        database: ProviderDatabase,
        settings: SimulatedProviderSettings,
        secret: ProviderSecrets,
        base_url: str,
        *,
        machine_clock: Callable[[], int] = machine_ms,
    ) -> None:
        self.database, self.settings, self.secret, self.base_url = database, settings, secret, base_url
        self.charges, self.events = ChargeStore(database), EventStore(database)
        self.records, self.cobs = RecordStore(database), CobStore(database)
        self.faults = Faults(self.records)
        self.fees, self.timing = FeeTable(), Timing()
        self.machine_clock = machine_clock
        self._shift_ms = int(self.records.fact(_SHIFT) or 0)
        self.paused = self.records.fact(_PAUSED) == "yes"
        #: Called after a commit that wrote messages, or moved what the clock does next.
        self.wake: Callable[[], None] = _nobody
        #: Whether a card was ever entered that fails the first time: most providers need not look.
        self.has_failing_cards = self.records.fact(_FAILING) == "yes"
        #: The last day whose settlement file was given out as final.
        self._closed = self.records.fact(_CLOSED) or ""
        self._fault = NO_FAULT
        self._first: list[str] = []
        self._woken = False
        #: No payment changes by the clock alone before this; None: none does.
        self.next_ms = self.charges.next_ms()

    def note_card(self, card: CardFace) -> None:
        """A card was entered."""
        if card.behaviour == "error_first" and not self.has_failing_cards:
            self.records.keep_fact(_FAILING, "yes")
            self.has_failing_cards = True

    def now_ms(self) -> int:
        """The provider's clock: the machine's, and what tests added to it."""
        return self.machine_clock() + self._shift_ms

    @contextmanager
    def serving(self, fault: DrawnFault = NO_FAULT) -> Iterator[list[str]]:
        """One transaction. Gives a list of the messages that must arrive before the answer."""
        self._fault, self._first, self._woken = fault, [], False
        try:
            with self.database.transaction():
                yield self._first
        finally:
            self._fault = NO_FAULT
        if self._woken:
            self.wake()

    def use_fault(self, fault: DrawnFault) -> None:
        """From now on, and until this request ends, this fault."""
        self._fault = fault

    def wake_after(self) -> None:
        """Once this request is committed, messages are looked for."""
        self._woken = True

    def draw_fault(self) -> DrawnFault:
        """What goes wrong with the request that begins."""
        if not self.faults.active:
            return NO_FAULT
        with self.database.transaction():
            return self.faults.draw()

    def decided(self, charge: Charge, decide: Callable[[Charge], ChargeChange]) -> ChargeChange:
        """A decision on the payment as this request's fault makes it behave; the payment keeps its own behaviour."""
        wanted = self._fault.behaviour
        if wanted is None:
            return decide(charge)
        change = decide(replace(charge, behaviour=wanted))
        return replace(change, charge=replace(change.charge, behaviour=charge.behaviour))

    def write(self, change: ChargeChange, *, key: str | None = None) -> Charge:
        """Writes a change with its messages."""
        now_ms = self.now_ms()
        lines = tuple(replace(line, day=max(line.day, self._open_day())) for line in change.lines)
        self.charges.write(replace(change, lines=lines), now_ms, key)
        for event in change.events:
            self._tell(change.charge, event.type, event.dispute, now_ms)
        due_ms = change.charge.next_ms
        if due_ms is not None and (self.next_ms is None or due_ms < self.next_ms):
            self.next_ms, self._woken = due_ms, True
        self._woken = self._woken or bool(change.events)
        return change.charge

    def _tell(self, charge: Charge, kind: str, dispute: str | None, now_ms: int) -> None:
        event_id = new_token("evt")
        url: str | None = None
        if charge.origin == "pix_api":
            webhook, said = self.cobs.webhook_of(charge.pix.key if charge.pix else ""), pix_message(charge, kind)
            if webhook is None or said is None:
                return
            # the standard: messages go to the address that was named, followed by /pix
            url, body = f"{webhook.url.rstrip('/')}/pix", said
        else:
            body = event_body(event_id, kind, now_ms, charge, dispute, self.base_url)
        fate = self._fault.webhook or (charge.behaviour if charge.behaviour in WEBHOOK_FATES else "normal")
        if fate == "webhook_before":
            self._first.append(event_id)
        nowhere = url is None and not self.settings.shop_webhook
        due_ms: int | None = self.machine_clock()
        if fate == "webhook_lost" or nowhere:
            due_ms = None
        elif fate == "webhook_late":
            due_ms = self.machine_clock() + int(self.settings.late_s * 1000)
        self.events.put(
            event_id, kind, charge.id, body, created_ms=now_ms, url=url, fate=fate, due_ms=due_ms,
            sends=2 if fate == "webhook_twice" else 1,
        )  # fmt: skip

    def age(self) -> int:
        """Does what the clock alone makes of payments; how many changed. More than AGED_MAX wait for the next turn."""
        now_ms = self.now_ms()
        if self.next_ms is None or now_ms < self.next_ms:
            return 0
        due = self.charges.due(now_ms, AGED_MAX)
        for charge in due:
            with self.serving():
                current: Charge = charge
                while (change := aged(current, now_ms, new_token("dp"))) is not None:
                    current = self.write(change)
        self.next_ms = self.charges.next_ms()
        return len(due)

    def aged_now(self, charge: Charge) -> Charge:
        """A payment after everything that was due: what a request sees does not depend on when the clock was looked at."""
        while (change := aged(charge, self.now_ms(), new_token("dp"))) is not None:
            charge = self.write(change)
        return charge

    def get(self, charge_id: str) -> Charge:
        """A payment as it is now. Raises ProviderProblem (404)."""
        return self.aged_now(self.charges.get(charge_id))

    def close_day(self, day: str) -> None:
        """Its settlement file was given out: nothing is added to it, even if the clock goes back to that day."""
        if day > self._closed:
            self.records.keep_fact(_CLOSED, day)
            self._closed = day

    def _open_day(self) -> str:
        """The first day that a settlement line may have; empty: any."""
        return (date.fromisoformat(self._closed) + timedelta(days=1)).isoformat() if self._closed else ""

    def shift_clock(self, shift_ms: int) -> None:
        """Sets the difference to the machine's clock."""
        self.records.keep_fact(_SHIFT, str(shift_ms))
        self._shift_ms = shift_ms
        self._woken = True

    @property
    def shift_ms(self) -> int:
        return self._shift_ms

    def pause(self, paused: bool) -> None:
        """Stops or starts sending messages; they are stored all the same."""
        self.records.keep_fact(_PAUSED, "yes" if paused else "no")
        self.paused = paused
        self._woken = True


def _nobody() -> None:
    """Nobody waits for messages."""
