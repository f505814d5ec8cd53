"""Operations are stored before they are sent; fences, crashes, risk, limits of declines, late money."""

import asyncio
import json
from typing import Literal

import msgspec
import pytest

from renga.domains.payments.applying import apply_record
from renga.domains.payments.concluding import conclude, known_of
from renga.domains.payments.contract.errors import PaymentBusy, PaymentInvalid, PaymentStateConflict
from renga.domains.payments.contract.payments import NewMeans, Payer, Payment
from renga.domains.payments.contract.wallets import SavedCharge
from renga.domains.payments.dependencies import CRASH_POINTS, PaymentDependencies
from renga.domains.payments.erase_customer import erase_customer
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.model.means import RiskDecision, StoredOperation
from renga.domains.payments.model.progress import Known
from renga.domains.payments.perform_operation import carry_out, settle_operation
from renga.domains.payments.ports.provider import Authorise, Outcome
from renga.kernel.caller import Caller
from renga.kernel.clock import ManualClock
from renga.kernel.money import Money
from tests.payments.janitor import recover
from tests.payments.scripted_provider import ScriptedProvider
from tests.payments.till import FINANCE, SHOP, Till, card

#: Three transactions: BEGIN, what is read and written, COMMIT; one of them posts to the ledger.
STATEMENTS_OF_A_CARD = 14


class Killed(BaseException):
    """The process dies here."""


def till_with(till: Till, dependencies: PaymentDependencies, **members: object) -> Till:
    changed = msgspec.structs.replace(dependencies, **members)
    return Till(LocalPayments(changed), till.pool)


@pytest.mark.parametrize("point", [one for one in CRASH_POINTS if one.startswith(("authorise", "capture"))])
async def test_a_payment_goes_on_after_a_crash(
    till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider, clock: ManualClock, point: str
) -> None:
    def crash(name: str) -> None:
        if name == point:
            raise Killed(name)

    new = till.new(1000)
    with pytest.raises(Killed):
        await till_with(till, dependencies, crash_point=crash).payments.pay(SHOP, new)
    before = await till.payments.pay(SHOP, new)
    assert before.state in {"created", "authorised", "captured"}
    await recover(dependencies, clock)
    after = await till.read(before)
    assert (after.state, after.captured.amount) == ("captured", 1000)
    assert (provider.taken, len(provider.truth), len(provider.answers)) == (1000, 1, 2)
    assert await till.ledger() == {"clearing:sim": 1000, "platform": -1000}


@pytest.mark.parametrize("point", [one for one in CRASH_POINTS if one.startswith(("void", "refund"))])
async def test_a_change_goes_on_after_a_crash(
    till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider, clock: ManualClock, point: str
) -> None:
    kind = point.partition(".")[0]

    def crash(name: str) -> None:
        if name == point:
            raise Killed(name)

    paid = await till.pay(1000, capture="later" if kind == "void" else "now")
    dying = till_with(till, dependencies, crash_point=crash)
    with pytest.raises(Killed):
        await (dying.void(paid, key="x") if kind == "void" else dying.refund(paid, 300, key="x"))
    await recover(dependencies, clock)
    after = await till.read(paid)
    assert after.state == ("voided" if kind == "void" else "partly_refunded")
    assert provider.taken == (0 if kind == "void" else 700)
    again = await (till.void(paid, key="x") if kind == "void" else till.refund(paid, 300, key="x"))
    assert (again, len(provider.answers)) == (after, 2 if kind == "void" else 3)


async def test_an_unknown_outcome_is_resolved(
    till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider, clock: ManualClock
) -> None:
    provider.script("authorise", "unknown_before")
    provider.script("capture", "unknown_after")
    paid = await till.pay(1000)
    assert paid.state == "unknown"
    with pytest.raises(PaymentBusy):
        await till.capture(paid)
    await recover(dependencies, clock)
    assert ((await till.read(paid)).state, provider.taken) == ("captured", 1000)
    assert (provider.count("authorise"), provider.count("capture")) == (2, 1)


async def test_an_executor_whose_fence_is_old_writes_nothing(
    till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider, clock: ManualClock
) -> None:
    """It was thought dead, and another one has claimed the operation. What its answer says of the payment is true all the same;
    the operation is the other one's.
    """
    answered = asyncio.Event()
    ask = provider.authorise

    async def slow(order: Authorise) -> Outcome:
        outcome = await ask(order)
        await answered.wait()
        return outcome

    provider.authorise = slow  # type: ignore[method-assign]
    paying = asyncio.create_task(till.pay(1000))
    while not provider.answers:
        await asyncio.sleep(0.005)
    clock.advance(seconds=60)
    (due,) = await dependencies.store.due_operations(clock.now_ms(), 10)
    claimed = await dependencies.store.claim_operation(due.key, clock.now_ms(), clock.now_ms() + 1000)
    assert claimed is not None
    assert claimed.fence == due.fence + 1
    answered.set()
    assert (await paying).state == "authorised"
    assert await till.operations() == [("authorise", "open")]
    stale = msgspec.structs.replace(claimed, fence=claimed.fence - 1)
    refused = Outcome(kind="refused", reason="card_declined")
    assert (await settle_operation(dependencies, stale, refused)).known is None
    assert (await till.read(await paying)).state == "authorised"
    done = await settle_operation(dependencies, claimed, provider.answers[claimed.key])
    assert done.known is not None
    assert await till.operations() == [("authorise", "accepted"), ("capture", "open")]
    # closed: even the newest fence cannot write any more
    assert (await settle_operation(dependencies, claimed, refused)).known is None


async def test_units_of_a_payment_wait_for_each_other(till: Till, dependencies: PaymentDependencies) -> None:
    """The second one sees what the first has written, means and operations included."""
    paid = await till.pay(1000, capture="later")

    async def second() -> tuple[int, int]:
        async with dependencies.store.unit(paid.id) as unit:
            return unit.payment.version, next(iter(unit.means.values())).version

    async with dependencies.store.unit(paid.id) as unit:
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.1)
        assert not waiting.done()
        means = next(iter(unit.means.values()))
        unit.put_payment(msgspec.structs.replace(unit.payment, version=77))
        unit.put_means(msgspec.structs.replace(means, version=99))
    assert await waiting == (77, 99)


async def test_an_operation_is_claimed_by_one(
    till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider, clock: ManualClock
) -> None:
    provider.script("authorise", "unknown_before")
    await till.pay(1000)
    now_ms = clock.now_ms()
    assert await dependencies.store.due_operations(now_ms, 10) == []
    clock.advance(seconds=1)
    (due,) = await dependencies.store.due_operations(clock.now_ms(), 10)

    async def claim() -> StoredOperation | None:
        return await dependencies.store.claim_operation(due.key, clock.now_ms(), clock.now_ms() + 1000)

    async with dependencies.store.unit(due.payment):
        waiting = asyncio.create_task(claim())
        await asyncio.sleep(0.05)
        assert not waiting.done()
    claims = await asyncio.gather(waiting, *(claim() for _ in range(5)))
    assert len([one for one in claims if one is not None]) == 1


async def test_a_closed_operation_has_no_token(till: Till, provider: ScriptedProvider) -> None:
    provider.script("authorise", "unknown_before")
    await till.pay(1000, card(token="tok_secret"))
    held = "SELECT count(*) FROM payments.operations WHERE request::text LIKE '%tok_secret%'"
    assert await till.pool.fetchval(held) == 1
    await till.pay(1000, card(token="tok_secret"))
    assert await till.pool.fetchval(held) == 1
    for table in ("payments", "means", "outbox"):
        found = f"SELECT count(*) FROM payments.{table} AS t WHERE to_jsonb(t)::text LIKE '%tok_secret%'"
        assert await till.pool.fetchval(found) == 0


@pytest.mark.parametrize(
    ("decision", "state"), [("allow", "captured"), ("review", "authorised"), ("refuse", "declined")]
)
async def test_risk_decides_between_authorise_and_capture(
    till: Till,
    dependencies: PaymentDependencies,
    provider: ScriptedProvider,
    decision: RiskDecision,
    state: str,
) -> None:
    class Risk:
        async def assess(self, payment: object, means: object) -> RiskDecision:
            assert [kind for kind, _ in provider.calls] == ["authorise"]
            return decision

    paid = await till_with(till, dependencies, risk=Risk()).pay(1000)
    assert (paid.state, provider.taken) == (state, 1000 if decision == "allow" else 0)
    if decision == "refuse":
        assert (paid.reason, provider.truth["sim_1"].state) == ("risk_refused", "voided")
    if decision == "review":
        with pytest.raises(PaymentStateConflict):
            await till.capture(paid)
        assert (await till.capture(paid, caller=FINANCE)).state == "captured"


async def test_risk_is_asked_once_before_the_first_capture_by_the_shop(
    till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider
) -> None:
    asked: list[int] = []

    class Risk:
        async def assess(self, payment: object, means: object) -> RiskDecision:
            asked.append(provider.count("capture"))
            return "allow"

    careful = till_with(till, dependencies, risk=Risk())
    paid = await careful.pay(1000, capture="later")
    assert asked == []
    await careful.capture(paid, 300, final=False)
    assert (await careful.capture(paid)).state == "captured"
    assert asked == [0]


async def expired_pix(till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider) -> Payment:
    paid = await till.pay(1000, NewMeans(method="pix"))
    provider.change("sim_1", state="expired")
    await tell(dependencies, provider)
    assert (await till.read(paid)).state == "expired"
    provider.paid("sim_1")
    return paid


async def tell(dependencies: PaymentDependencies, provider: ScriptedProvider) -> Known:
    async with dependencies.store.unit_of("sim", ref="sim_1") as unit:
        assert unit is not None
        apply_record(dependencies, unit, next(iter(unit.means)), provider.truth["sim_1"])
        following = conclude(dependencies, unit, claimed=True)
    return await carry_out(dependencies, known_of(unit), following)


async def test_late_money_goes_back(till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider) -> None:
    paid = await expired_pix(till, dependencies, provider)
    await tell(dependencies, provider)
    after = await till.read(paid)
    assert (after.state, after.captured.amount, after.refunded.amount) == ("refunded", 1000, 1000)
    assert (provider.taken, await till.ledger()) == (0, {})
    assert (await till.events())[-3:] == ["LateMoneyReceived", "LateMoneySettled", "PaymentRefunded"]
    await tell(dependencies, provider)
    assert provider.count("refund") == 1


class Answer:
    """What orders say about late money."""

    def __init__(self, answer: Literal["accept", "refund"]) -> None:
        self.answer, self.asked = answer, list[tuple[str, Money]]()

    async def settle(self, reference: str, amount: Money) -> Literal["accept", "refund"]:
        self.asked.append((reference, amount))
        return self.answer


async def test_late_money_is_accepted(
    till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider
) -> None:
    answer = Answer("accept")
    till.payments.answer_late_money(answer)
    paid = await expired_pix(till, dependencies, provider)
    await tell(dependencies, provider)
    await tell(dependencies, provider)
    assert answer.asked == [("order:1", Money(1000, "BRL"))]
    assert ((await till.read(paid)).state, provider.taken) == ("captured", 1000)
    assert await till.ledger() == {"clearing:sim": 1000, "platform": -1000}
    assert (await till.refund(paid)).state == "refunded"
    assert await till.ledger() == {}


async def test_late_money_whose_refund_is_refused_stays_the_customers(
    till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider
) -> None:
    await expired_pix(till, dependencies, provider)
    provider.script("refund", "refuse")
    await tell(dependencies, provider)
    await tell(dependencies, provider)
    assert (provider.count("refund"), await till.ledger()) == (
        1,
        {"clearing:sim": 1000, "customer:order:1": -1000},
    )


async def test_money_beyond_the_amount_goes_back(
    till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider
) -> None:
    paid = await till.pay(1000)
    provider.change("sim_1", captured=1500)
    await tell(dependencies, provider)
    assert ((await till.read(paid)).refunded.amount, provider.taken) == (500, 1000)
    assert await till.ledger() == {"clearing:sim": 1000, "platform": -1000}


async def test_a_payment_and_a_withdrawal_that_meet(
    till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider
) -> None:
    """The buyer pays while the shop withdraws: the void is refused, and the money is late."""
    paid = await till.pay(1000, NewMeans(method="pix"))
    provider.paid("sim_1")
    after = await till.void(paid)
    assert (after.state, provider.taken) == ("refunded", 0)
    assert await till.ledger() == {}


async def test_a_pix_refund_that_takes_its_time(
    till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider
) -> None:
    paid = await till.pay(1000, NewMeans(method="pix"))
    provider.paid("sim_1")
    await tell(dependencies, provider)
    provider.script("refund", "pending")
    after = await till.refund(paid, 400)
    assert (after.state, after.refunded.amount) == ("captured", 0)
    assert await till.operations() == [("authorise", "pending"), ("refund", "pending")]
    with pytest.raises(PaymentBusy):
        await till.refund(paid, 100)
    provider.change("sim_1", refunded=400)
    await tell(dependencies, provider)
    assert await till.operations() == [("authorise", "pending"), ("refund", "accepted")]
    assert await till.ledger() == {"clearing:sim": 600, "platform": -600}
    assert (await till.refund(paid, 600)).state == "refunded"


async def test_a_saved_method_pays_again(till: Till, provider: ScriptedProvider) -> None:
    ana = Payer(customer="ana")
    await till.pay(1000, card(save=True, consent="v1"), payer=ana)
    await till.pay(1000, card(save=True, consent="v2", usage="recurring"), payer=ana)
    second, first = await till.payments.dependencies.wallets.saved_methods("ana")
    assert [(one.saved_ref, one.consent, one.usage) for one in (first, second)] == [
        ("pm_sim_1", "v1", "one_off"),
        ("pm_sim_2", "v2", "recurring"),
    ]
    paid = await till.pay(500, NewMeans(method="card", saved_method=first.id), payer=ana)
    order = provider.calls[-2][1]
    assert isinstance(order, Authorise)
    assert (paid.state, order.saved_ref, order.recurring, order.token) == ("captured", "pm_sim_1", False, None)

    def charge(saved: str) -> SavedCharge:
        return SavedCharge(key=saved, reference="sub:1", amount=Money(9, "BRL"), customer="ana", saved_method=saved)

    assert (await till.payments.charge_saved(SHOP, charge(second.id))).state == "captured"
    order = provider.calls[-2][1]
    assert isinstance(order, Authorise)
    assert order.recurring
    calls = len(provider.calls)
    with pytest.raises(PaymentInvalid):
        await till.payments.charge_saved(SHOP, charge(first.id))
    assert len(provider.calls) == calls


async def test_a_method_that_was_removed_is_saved_again(till: Till, provider: ScriptedProvider) -> None:
    """A provider that knows a card by one id: the newer consent holds, and nobody else gets the card."""
    wallets = till.payments.dependencies.wallets

    async def save(customer: str, consent: str) -> None:
        provider.truth.clear()  # the next payment has the same ids
        await till.pool.execute("UPDATE payments.means SET provider_ref = 'old' || id")
        payer = Payer(customer=customer)
        await till.pay(1000, card(save=True, consent=consent), payer=payer)

    await save("ana", "v1")
    (saved,) = await wallets.saved_methods("ana")
    await till.payments.remove_saved_method(Caller("ana"), saved.id)
    assert await wallets.saved_methods("ana") == []
    await save("ana", "v2")
    assert [(one.id, one.consent) for one in await wallets.saved_methods("ana")] == [(saved.id, "v2")]
    await save("eve", "v3")
    assert await wallets.saved_methods("eve") == []


async def test_events_tell_what_all_means_have_captured(till: Till) -> None:
    await till.pay(1000, card(300), card())
    query = """
        SELECT event->'data' FROM payments.outbox WHERE event->>'type' = 'payments.PaymentCaptured' ORDER BY position
    """
    told = [json.loads(row[0]) for row in await till.pool.fetch(query)]
    assert [(one["amount"], one["captured"], one["complete"]) for one in told] == [(300, 300, False), (700, 1000, True)]
    sequences = "SELECT (event->>'sequence')::int FROM payments.outbox ORDER BY position"
    numbers = [row[0] for row in await till.pool.fetch(sequences)]
    assert numbers == sorted(set(numbers))


async def test_an_erased_person_is_forgotten(
    till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider
) -> None:
    payer = Payer(customer="ana", name="Ana Lima", email="ana@demo.example", tax_id="11144477735", country="BR")
    other = await till.pay(1000, payer=msgspec.structs.replace(payer, customer="eve"))
    paid = await till.pay(1000, card(save=True, consent="v1"), payer=payer)
    for _ in range(2):
        await erase_customer(dependencies, "ana")
    rows = await till.pool.fetch("SELECT id::text, document->>'payer' FROM payments.payments")
    kept = {row[0]: row[1] for row in rows}
    assert json.loads(kept[paid.id]) == {"customer": "ana", "country": "BR"}
    assert "Ana Lima" in kept[other.id]
    assert (provider.removed, await dependencies.wallets.saved_methods("ana")) == (["pm_sim_2"], [])
    assert (await till.refund(paid)).state == "refunded"


async def test_how_many_statements_a_payment_takes(till: Till) -> None:
    """Round trips to PostgreSQL, BEGIN and COMMIT included: the payment is made, authorised, captured."""
    seen = await till.statements(till.pay(1000))
    assert seen.count("BEGIN;") == seen.count("COMMIT;") <= 3
    assert len(seen) <= STATEMENTS_OF_A_CARD, seen
