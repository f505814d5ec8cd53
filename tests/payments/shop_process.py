"""A process of the shop that pays without end, until it is killed: ``python -m tests.payments.shop_process DSN SOCKET NAME``."""

import asyncio
import random
import sys
from itertools import count
from pathlib import Path

from renga.domains.payments.janitor.do_due import do_due
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.opening import payment_dependencies
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.clock import SystemClock
from renga.kernel.errors import RengaError
from renga.kernel.ids import id_source
from renga.platform.postgres.pool import open_pool
from tests.payments.remote_provider import RemoteProvider
from tests.payments.till import Till

CLIENTS = 4


async def pay_on(till: Till, name: str) -> None:
    """Every payment is captured, refunded or voided; what is refused is left."""
    for number in count():
        reference = f"{name}:{number}"
        try:
            paid = await till.pay(1000, reference=reference, key=reference, capture=random.choice(["now", "later"]))
            if random.random() < 0.5:
                await till.capture(paid, random.choice([None, 400]), key=reference)
            else:
                await till.void(paid, key=reference)
            await till.refund(paid, random.choice([None, 1, 250]), key=reference)
        except RengaError:
            continue


async def main(dsn: str, path: str, name: str) -> None:
    clock = SystemClock()
    provider = RemoteProvider()
    provider.path = Path(path)
    pool = await open_pool(dsn)
    dependencies = payment_dependencies(
        pool, PaymentSettings(providers="sim", deadline_ms=1_000), [provider], clock=clock, new_id=id_source(clock),
        secret=b"s" * 32, public_url="https://shop.example",
    )  # fmt: skip
    till = Till(LocalPayments(dependencies), pool)
    clients = [asyncio.create_task(pay_on(till, f"{name}-{number}")) for number in range(CLIENTS)]
    print("paying", flush=True)
    while not any(one.done() for one in clients):
        await do_due(dependencies)
        await asyncio.sleep(0.05)
    await asyncio.gather(*clients)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
