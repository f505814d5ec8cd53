"""Options of a benchmark run, from the environment or the command line."""

import argparse
import os
from collections.abc import Mapping, Sequence

import msgspec

CARTS_MAX = 5_000_000
SECONDS_MAX = 60


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """``carts`` is the large number of live carts, ``seconds`` the length of a cell; a trial does not write docs/."""

    carts: int = 1_000_000
    seconds: int = 4
    driven: int = 5_000
    few: int = 1_000
    copies: int = 20_000
    warm_starts: int = 3
    trial: bool = False

    @property
    def command(self) -> str:
        """The command that repeats this run."""
        if self.trial:
            return f"make bench ARGS=--trial  # BENCH_SECONDS={self.seconds} BENCH_CARTS={self.carts}"
        default = Options()
        told = [
            f"{variable}={mine}"
            for variable, mine, usual in (
                ("BENCH_CARTS", self.carts, default.carts),
                ("BENCH_SECONDS", self.seconds, default.seconds),
            )
            if mine != usual
        ]
        return " ".join([*told, "make bench"])


def read_options(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Command line, then BENCH_CARTS and BENCH_SECONDS, then the defaults. Exits with a message when they are wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    trial_help = "short cells and few carts, to see that everything works; docs/performance.md stays as it is"
    parser.add_argument("--trial", action="store_true", help=trial_help)
    parser.add_argument("--carts", type=int, default=None, help="live carts of the large case (BENCH_CARTS)")
    parser.add_argument("--seconds", type=int, default=None, help="length of each cell (BENCH_SECONDS)")
    told = parser.parse_args(arguments)
    base = Options(carts=20_000, seconds=1, driven=2_000, copies=5_000, warm_starts=1) if told.trial else Options()
    try:
        carts = told.carts or int(environment.get("BENCH_CARTS", base.carts))
        seconds = told.seconds or int(environment.get("BENCH_SECONDS", base.seconds))
    except ValueError:
        parser.error("BENCH_CARTS and BENCH_SECONDS are whole numbers")
    if not 10_000 <= carts <= CARTS_MAX or not 1 <= seconds <= SECONDS_MAX:
        parser.error(f"carts are from 10000 to {CARTS_MAX}, seconds from 1 to {SECONDS_MAX}")
    return msgspec.structs.replace(base, carts=carts, seconds=seconds, trial=told.trial)
