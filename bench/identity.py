"""``python -m bench.identity``: the cost of authentication and rate limits per cart add; tokens and logins per second.

The shop runs twice on fresh data: without limits, and with limits that are checked and never refuse. The cells are measured in
turn, several times, so that other load on the machine affects all of them equally; the medians are compared.
"""

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
from argon2 import PasswordHasher
from joserfc.jwk import ECKey

from bench import cell, requests
from bench.carts import Made, choose_items, make_carts
from bench.processes import cpu_by_role
from bench.shop import RunningShop, running_shop
from renga.apps.compose import open_process
from renga.apps.settings import load_settings, reach
from renga.domains.identity.contract import ApiKeys, RateLimit
from renga.domains.identity.organisations.model.limits import BURST_MAX, PER_MINUTE_MAX
from renga.domains.identity.settings import PasswordSettings
from renga.kernel.caller import Caller
from renga.kernel.clock import SystemClock
from renga.platform.auth.signing import local_key, sign
from renga.platform.running import run_until_signal
from renga.platform.settings import Sources

CARTS, CONNECTIONS = 300, 32
ROUNDS, SECONDS = 5, 3
SIGNED, HASHED = 2_000, 5
KEYS = 20
#: Allowed cost of the three together, as a share of the plain rate.
GOAL = 0.15
_UNREACHED = {
    "RENGA_RATELIMIT_ENABLED": "true",
    "RENGA_RATELIMIT_UNLIMITED": "",
    "RENGA_RATELIMIT_CART_WRITE_PER_MINUTE": "60000000",
    "RENGA_RATELIMIT_CART_WRITE_BURST": "1000000",
}
_WITHOUT = {"RENGA_RATELIMIT_ENABLED": "false"}


class Cell(msgspec.Struct, frozen=True):
    """One way to call one shop: the requests, and what was measured of them in each round."""

    name: str
    shop: RunningShop
    cycle: Sequence[bytes]
    rates: list[float] = []
    cpu_us: list[float] = []


def adds(made: Made, headers: Sequence[dict[str, str]]) -> list[bytes]:
    """One add per cart, with these credentials in turn."""
    turns = itertools.cycle(headers)
    return [requests.add(cart, made.items[0].sku, requests.MINIMAL | next(turns)) for cart in made.ids]


async def cells_of(shop: RunningShop, data: Path, limited: bool) -> list[Cell]:
    """Without a credential, with a token, and with API keys of the demo's customer (several, because one has too low a limit)."""
    made = await make_carts(shop, await choose_items(shop), CARTS)
    token = sign(
        local_key(data), subject="bench", scope="cart", issuer="renga", life_s=3_600, clock=SystemClock(), token_id="t"
    )
    ways: dict[str, list[dict[str, str]]] = {"no credential": [{}], "token": [{"Authorization": f"Bearer {token}"}]}
    ways["API key"] = [{"X-API-Key": key} for key in await make_keys(data)]
    suffix = ", rate limit" if limited else ""
    return [Cell(name + suffix, shop, adds(made, headers), [], []) for name, headers in ways.items()]


async def make_keys(data: Path) -> list[str]:
    """API keys of the demo's customer in the running shop's data folder."""
    async with open_process(reach(load_settings(Sources(environment={}, overrides={"data": str(data)})))) as shop:
        identity = shop.opened["identity"].own
        account = (await identity.accounts.seed_accounts())[0].account_id
        return await keys_of(identity.api_keys, account, SystemClock().now_ms())


async def keys_of(api_keys: ApiKeys, account: str, now_ms: int) -> list[str]:
    """API keys of an account that just logged in; their limits are checked and, together, never refuse."""
    owner = Caller(account, frozenset({"cart"}), proved_ms=now_ms)
    limit = RateLimit(per_minute=PER_MINUTE_MAX, burst=BURST_MAX)
    made = [
        await api_keys.create(owner, f"bench {n}", ["cart"], merchant_id=None, life_s=3_600, limit=limit)
        for n in range(KEYS)
    ]
    return [one.key for one in made]


async def measure(one: Cell, seconds: int) -> None:
    """One round of one cell."""
    before = cpu_by_role(one.shop.processes())
    figures = await cell.measure(one.shop.port, one.cycle, connections=CONNECTIONS, seconds=seconds)
    after = cpu_by_role(one.shop.processes())
    if figures.failed:
        raise SystemExit(f"{one.name}: {figures.failed} of {figures.requests} requests failed")
    one.rates.append(figures.requests / figures.seconds)
    one.cpu_us.append((after.get("web", 0.0) - before.get("web", 0.0)) / max(figures.requests, 1) * 1e6)


async def cart_adds(rounds: int, seconds: int) -> list[Cell]:
    """Every cell in turn, ``rounds`` times."""
    async with AsyncExitStack() as stack:
        cells: list[Cell] = []
        for limited, settings in ((False, _WITHOUT), (True, _UNREACHED)):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="renga-bench-"))) / "data"
            shop = await stack.enter_async_context(running_shop(folder, settings))
            cells += await cells_of(shop, folder, limited)
        for one in cells:
            await cell.measure(one.shop.port, one.cycle, connections=CONNECTIONS, seconds=1)
        for _ in range(rounds):
            for one in cells:
                await measure(one, seconds)
        return cells


def tokens_per_s() -> float:
    """Access tokens signed a second by one core."""
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    clock = SystemClock()
    began = time.perf_counter()
    for _ in range(SIGNED):
        sign(key, subject="bench", scope="cart", issuer="renga", life_s=600, clock=clock, token_id="t")
    return SIGNED / (time.perf_counter() - began)


def login_ms(settings: PasswordSettings) -> float:
    """Milliseconds of one password check, which is all but nothing of a login's cost."""
    hasher = PasswordHasher(settings.argon2_passes, settings.argon2_memory_kib, settings.argon2_lanes)
    held = hasher.hash("a password of the bench")
    taken = []
    for _ in range(HASHED):
        began = time.perf_counter()
        hasher.verify(held, "a password of the bench")
        taken.append((time.perf_counter() - began) * 1_000)
    return statistics.median(taken)


def report(cells: Sequence[Cell]) -> str:
    """The table; each cell compared with the first, which has neither authentication nor limits."""
    plain = statistics.median(cells[0].rates)
    cpu = statistics.median(cells[0].cpu_us)
    lines = [f"cart adds over {CONNECTIONS} connections        adds/s   of plain   CPU us/add of the shop"]
    for one in cells:
        rate, spent = statistics.median(one.rates), statistics.median(one.cpu_us)
        lines.append(f"  {one.name:<30}{rate:>12,.0f}{rate / plain:>10.0%}{spent:>12.1f} ({spent - cpu:+.1f})")
    cost = 1 - statistics.median(cells[-1].rates) / plain
    lines.append(f"  the last costs {cost:.1%} of the plain rate; the goal is less than {GOAL:.0%}")
    return "\n".join(lines)


async def run(rounds: int, seconds: int) -> None:
    print(report(await cart_adds(rounds, seconds)))
    settings = PasswordSettings()
    one_ms = login_ms(settings)
    print(f"tokens signed (ES256): {tokens_per_s():,.0f}/s on one core")
    print(
        f"logins: {1_000 / one_ms:,.1f}/s on one core, {one_ms:.0f} ms each: Argon2id with {settings.argon2_memory_kib} KiB, "
        f"{settings.argon2_passes} passes, {settings.argon2_lanes} lane(s)"
    )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.identity", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    told = parser.parse_args(arguments)
    if not 1 <= told.rounds <= 50 or not 1 <= told.seconds <= 60:
        parser.error("rounds are from 1 to 50, seconds from 1 to 60")
    run_until_signal(run(told.rounds, told.seconds))


if __name__ == "__main__":
    main(sys.argv[1:])
