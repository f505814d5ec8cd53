"""What the bench reads of other programs: wrk, redis-benchmark, /proc."""

import os

import pytest

from bench import wrk
from bench.bare_script import parse_csv
from bench.figures import Figures
from bench.processes import parse_stat, role_of
from bench.shop import ShopFailed

WRK = """Running 2s test @ http://127.0.0.1:8000
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     3.10ms    1.20ms  20.00ms   90.00%
  20000 requests in 2.00s, 4.00MB read
  Non-2xx or 3xx responses: 3
Requests/sec:  10000.00

BENCH {"requests":20000,"duration_us":2000000,"failed":3,"p50_us":2900.0,"p95_us":4100.0,"p99_us":9000.5}
"""
HEADER = (
    '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"'
)


def test_wrk_says_its_figures_in_its_last_line() -> None:
    assert wrk.parse(WRK) == Figures(
        requests=20_000, seconds=2.0, failed=3, p50_us=2900.0, p95_us=4100.0, p99_us=9000.5
    )


@pytest.mark.parametrize("output", ["", "unable to connect to 127.0.0.1:1 Connection refused\n", "BENCH {oops\n"])
def test_wrk_without_figures_is_an_error_that_quotes_it(output: str) -> None:
    with pytest.raises(wrk.DriverFailed, match="wrk printed"):
        wrk.parse(output)


def test_a_row_of_redis_benchmark_is_read_from_its_end() -> None:
    command = 'EVALSHA abc 3 k o d 0 1  {"s":"A,B","t":"T"} 1 BRL 4490'
    row = f'"{command}","20000.00","0.044","0.032","0.039","0.079","0.111","1.039"'
    assert parse_csv(f"{HEADER}\n{row}\n", 40_000) == Figures(
        requests=40_000, seconds=2.0, failed=0, p50_us=39.0, p95_us=79.0, p99_us=111.0
    )


@pytest.mark.parametrize("output", ["", HEADER, f"{HEADER}\nERR no such script", "Could not connect\nto the server"])
def test_redis_benchmark_without_figures_is_an_error_that_quotes_it(output: str) -> None:
    with pytest.raises(ShopFailed, match="redis-benchmark printed no result"):
        parse_csv(output, 1)


def test_a_process_name_with_blanks_and_brackets_does_not_shift_the_fields() -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    cpu = f"{3 * ticks} {2 * ticks}"
    line = f"42 (a (b) c) S 7 42 42 0 -1 4194560 1 0 0 0 {cpu} 0 0 20 0 4 0 100 1000000 256 18446744073709551615"
    assert parse_stat(line) == (7, 5.0, 256)


@pytest.mark.parametrize(
    ("command", "role"),
    [
        ("/venv/bin/python\0-m\0renga.cli\0up\0", "web"),
        ("/venv/bin/python\0-m\0renga.apps.work\0", "worker"),
        ("/wheels/valkey-server /renga/valkey.conf", "valkey"),
        ("valkey-aof-rewrite /renga/valkey.conf", "valkey"),
        ("postgres: postgres renga [local] idle", "postgres"),
        ("/bin/sleep\x005\0", "sleep"),
        ("", "?"),
    ],
)
def test_a_command_line_tells_the_part_of_the_shop(command: str, role: str) -> None:
    assert role_of(command) == role
