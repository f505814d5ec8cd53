"""Measures a quote: CPU per quote for carts of 50 and 500 lines with 1,000 active promotions.

``python -m bench.pricing`` needs no engine. A quote is both pure steps and the taxes by the shop's tables. Promotions are
prepared once, garbage collection is set as in the shop, offers are decoded before each quote.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence

import msgspec

from bench.pricing_shop import Cart, bench_promotions, cart_of, catalogue
from renga.domains.pricing.contract import OfferFacts, Quote
from renga.domains.pricing.model.pricing import price
from renga.domains.pricing.model.promotion_index import PromotionIndex
from renga.domains.pricing.model.quoting import with_tax
from renga.domains.pricing.model.tax_tables import table_taxes
from renga.platform.running import settle_memory

PROMOTIONS, PRODUCTS = 1_000, 20_000
#: A cart is quoted this often; its best run counts.
RUNS = 5
GOALS_MS = {50: 3.0, 500: 30.0}


class QuoteCost(msgspec.Struct, frozen=True, kw_only=True):
    """CPU milliseconds of quotes of one size; ``applied`` is the mean number of promotions in a quote."""

    lines: int
    p50_ms: float
    p95_ms: float
    applied: float
    approximated: float


def quote(cart: Cart, index: PromotionIndex) -> Quote:
    """One whole quote."""
    priced = price(
        cart.lines,
        cart.offers,
        cart.terms,
        index,
        cart.coupons,
        cart.shipping,
        cart.destination,
        cart.payment,
        cart.now_ms,
    )
    return with_tax(priced, table_taxes(priced.tax_request, cart.tables))


def read_again(cart: Cart) -> Cart:
    """The cart with offers that were decoded just now, as a quote gets them from their owner."""
    offers = msgspec.json.decode(msgspec.json.encode(cart.offers), type=dict[str, OfferFacts])
    return msgspec.structs.replace(cart, offers=offers)


def best_of(cart: Cart, index: PromotionIndex) -> tuple[Quote, float]:
    """The quote of a cart and the least CPU milliseconds of RUNS runs: what other load on the machine adds is left out."""
    spent = []
    for _ in range(RUNS):
        fresh = read_again(cart)
        start = time.process_time_ns()
        result = quote(fresh, index)
        spent.append((time.process_time_ns() - start) / 1e6)
    return result, min(spent)


def measure(
    lines: int, quotes: int, *, promotions: int = PROMOTIONS, seed: int = 1, ready: Callable[[], None] | None = None
) -> QuoteCost:
    """Quotes of different carts of this many lines; ``ready`` is called before the first."""
    dice = random.Random(seed)
    offers = catalogue(PRODUCTS, dice)
    index = PromotionIndex(bench_promotions(promotions, PRODUCTS, dice))
    carts = [cart_of(lines, offers, dice) for _ in range(quotes)]
    quote(carts[0], index)
    if ready is not None:
        ready()
    times, applied, approximated = [], 0, 0
    for cart in carts:
        result, spent_ms = best_of(cart, index)
        times.append(spent_ms)
        applied += len(result.promotions)
        approximated += result.approximated
    times.sort()
    return QuoteCost(
        lines=lines,
        p50_ms=times[len(times) // 2],
        p95_ms=times[min(len(times) - 1, len(times) * 95 // 100)],
        applied=applied / quotes,
        approximated=approximated / quotes,
    )


def report(costs: Sequence[QuoteCost]) -> str:
    """One line per size, with its goal."""
    rows = [f"{'lines':>5}  {'p50 ms':>7}  {'p95 ms':>7}  {'goal':>6}  {'promotions':>10}  {'approximated':>12}"]
    for one in costs:
        goal = GOALS_MS.get(one.lines)
        wanted = f"< {goal:g}" if goal else ""
        rows.append(
            f"{one.lines:>5}  {one.p50_ms:>7.2f}  {one.p95_ms:>7.2f}  {wanted:>6}  {one.applied:>10.1f}"
            f"  {one.approximated:>11.0%}"
        )
    return "\n".join(rows)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pricing", description=__doc__)
    parser.add_argument("--quotes", type=int, default=200)
    parser.add_argument("--promotions", type=int, default=PROMOTIONS)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    print(f"CPU of a quote with {chosen.promotions} active promotions, {chosen.quotes} carts")
    print(
        report(
            [
                measure(n, chosen.quotes, promotions=chosen.promotions, seed=chosen.seed, ready=settle_memory)
                for n in GOALS_MS
            ]
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
