"""The idle bench: how it counts what PostgreSQL logs."""

from bench.idle import Idle, logged_statements, report

LOG = """2026-11-30 10:00:00.000 UTC [7] LOG:  statement: SELECT pg_advisory_unlock_all();
\tCLOSE ALL;
\tUNLISTEN *;
\tRESET ALL;
2026-11-30 10:00:00.001 UTC [7] LOG:  execute __asyncpg_stmt_1__: SELECT position
\t  FROM catalog.outbox
2026-11-30 10:00:00.001 UTC [7] DETAIL:  parameters: $1 = '500'
2026-11-30 10:00:00.002 UTC [7] LOG:  execute __asyncpg_stmt_1__: SELECT position
\t  FROM catalog.outbox
2026-11-30 10:00:00.003 UTC [8] LOG:  checkpoint starting: time
"""


def test_each_statement_counts_also_if_several_are_in_one_string() -> None:
    assert logged_statements(LOG) == {
        "SELECT pg_advisory_unlock_all()": 1,
        "CLOSE ALL": 1,
        "UNLISTEN *": 1,
        "RESET ALL": 1,
        "SELECT position FROM catalog.outbox": 2,
    }


def test_the_report_sums_both_engines_and_both_processes() -> None:
    text = report(Idle(valkey={"XREAD": 1.5}, postgres={"SELECT 1": 0.5}, cpu={"web": 0.002, "worker": 0.001}))
    assert "both             2.0 statements/s" in text
    assert "web+worker     0.30% of a core" in text
