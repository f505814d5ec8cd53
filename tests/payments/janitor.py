"""What the janitor does, in short, for tests of the core."""

from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.progress import Known
from renga.domains.payments.perform_operation import carry_out, settle_operation
from renga.domains.payments.ports.provider import Inquiry
from renga.kernel.clock import ManualClock


async def recover(dependencies: PaymentDependencies, clock: ManualClock, *, rounds: int = 20) -> None:
    """Ask what became of each operation that is due, or send it again."""
    for _ in range(rounds):
        clock.advance(seconds=20)
        now_ms = clock.now_ms()
        for due in await dependencies.store.due_operations(now_ms, 100):
            operation = await dependencies.store.claim_operation(due.key, now_ms, now_ms + 10_000)
            if operation is None:
                continue
            whole = await dependencies.store.payment(operation.payment)
            assert whole is not None
            known = Known(whole.payment, whole.means, whole.operations)
            means = next(one for one in whole.means if one.id == operation.means)
            inquiry = Inquiry(
                key=operation.key, kind=operation.kind, method=means.method, means=means.id, ref=means.provider_ref
            )
            found = await dependencies.providers["sim"].find(inquiry)
            if found is None:
                await carry_out(dependencies, known, [operation.key])
            else:
                done = await settle_operation(dependencies, operation, found)
                if done.known is not None:
                    await carry_out(dependencies, done.known, done.following)
