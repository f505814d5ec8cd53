"""The doctor: all well on engines that are well; every ailment is found, and each says what to do."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from renga.domains.cart.settings import CartSettings
from renga.domains.cart.wiring import MODULE as CART
from renga.domains.search.settings import SearchSettings
from renga.domains.search.wiring import MODULE as SEARCH
from renga.kernel.clock import Clock, ManualClock, SystemClock
from renga.platform.doctor import Check, examine, machine
from renga.platform.doctor.bus import check_bus
from renga.platform.doctor.conflicts import check_settings
from renga.platform.doctor.postgres import check_postgres
from renga.platform.doctor.redis import check_redis, check_store
from renga.platform.engines.folder import DataFolder
from renga.platform.postgres import migrations
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings
from tests.engines.process import free_port


def status(checks: list[Check]) -> dict[str, str]:
    return {check.name: check.status for check in checks}


def declared(settings: CartSettings, clock: Clock) -> dict[str, Awaitable[list[Check]]]:
    """The cart's part of the doctor."""
    assert CART.doctor is not None
    return dict(CART.doctor(Sections({"cart": settings}), clock))


def declared_by_search(settings: SearchSettings, clock: Clock) -> dict[str, Awaitable[list[Check]]]:
    assert SEARCH.doctor is not None
    return dict(SEARCH.doctor(Sections({"search": settings}), clock))


def found(checks: list[Check], name: str) -> Check:
    (check,) = [check for check in checks if check.name == name]
    return check


async def test_nothing_is_wrong_with_a_machine_before_its_first_run(tmp_path: Path) -> None:
    settings = PlatformSettings(data=str(tmp_path / "data"), port=free_port())
    checks = await examine(settings, migrations.discover())
    assert {name: state for name, state in status(checks).items() if state == "fail"} == {}
    assert found(checks, "redis").detail == "embedded; not running now"
    assert found(checks, "embedded postgres").detail.startswith("postgres (PostgreSQL) 18")
    assert not (tmp_path / "data").exists()


async def test_the_engines_of_the_shop_that_runs_are_examined(
    valkey_url: str, database_url: str, tmp_path: Path
) -> None:
    with DataFolder(tmp_path).hold() as data, socket.socket() as shop:
        shop.bind(("127.0.0.1", 0))
        shop.listen()
        port = shop.getsockname()[1]
        data.announce({"valkey": valkey_url, "postgres": database_url, "shop": f"http://127.0.0.1:{port}"})
        checks = await examine(PlatformSettings(data=str(tmp_path), port=port), migrations.discover())
    assert [check for check in checks if check.status == "fail"] == []
    assert found(checks, "port").detail == f"127.0.0.1:{port} is the shop that runs"
    assert found(checks, "migrations").detail == "none pending"
    assert found(checks, "redis listpack").status == "ok"
    assert found(checks, "bus").status == "ok"


async def test_a_store_with_a_server_of_its_own_is_examined_under_its_name(valkey_url: str, tmp_path: Path) -> None:
    settings = PlatformSettings(data=str(tmp_path / "data"), port=free_port())
    away = f"redis://127.0.0.1:{free_port()}"
    clock = SystemClock()
    groups = {
        **declared(CartSettings(store=valkey_url), clock),
        "other": check_store("other", "RENGA_OTHER", away, clock),
        **declared(CartSettings(), clock),
    }
    checks = await examine(settings, migrations.discover(), groups=groups)
    assert found(checks, "cart store").status == "ok"
    assert found(checks, "cart store listpack").status == "ok"
    assert found(checks, "other").status == "fail"
    assert "RENGA_OTHER" in found(checks, "other").mend
    assert declared(CartSettings(), clock) == {}


async def test_every_server_of_the_redis_family_passes(redis_url: str) -> None:
    checks = await check_redis(redis_url, SystemClock())
    assert {check.status for check in checks} == {"ok"}
    servers = 3 if "cluster" in redis_url else 1
    assert len(checks) == 5 * servers


async def test_a_store_that_forgets_evicts_and_wastes_is_told_so(start_engine: Callable[..., Any]) -> None:
    options = ("--appendonly", "no", "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")
    server = start_engine("valkey", *options, "--hash-max-listpack-value", "64")
    checks = await check_redis(server.url, SystemClock())
    assert status(checks) == {
        "redis": "ok",
        "redis appendonly": "warn",
        "redis eviction": "fail",
        "redis listpack": "warn",
        "redis clock": "ok",
    }
    assert found(checks, "redis eviction").mend.startswith("CONFIG SET maxmemory-policy noeviction")
    assert found(checks, "redis listpack").detail.endswith("512 entries of 64 bytes")


@pytest.mark.parametrize(("behind_ms", "expected"), [(2_000, "warn"), (60_000, "fail")])
async def test_a_clock_that_differs_is_found(valkey_url: str, behind_ms: int, expected: str) -> None:
    clock = ManualClock(SystemClock().now_ms() - behind_ms)
    checks = await check_redis(valkey_url, clock)
    assert found(checks, "redis clock").status == expected
    assert "time server" in found(checks, "redis clock").mend


async def test_engines_that_are_away_fail_without_an_exception(tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    settings = PlatformSettings(
        data=str(tmp_path),
        redis=f"redis://user:hidden@127.0.0.1:{port}",
        database=f"postgresql://user:hidden@127.0.0.1:{port}/shop",
        bus=f"amqp://user:hidden@127.0.0.1:{port}/",
        port=other,
    )
    checks = await examine(settings, migrations.discover())
    away = [check for check in checks if check.status == "fail"]
    assert sorted(check.name for check in away) == ["bus", "postgres", "redis"]
    assert all(check.mend for check in away)
    assert "hidden" not in str(checks)
    assert "embedded valkey" not in status(checks)


async def test_an_engine_that_hangs_is_reported_within_its_deadline(
    start_engine: Callable[..., Any], tmp_path: Path
) -> None:
    server = start_engine("valkey")
    server.pause()
    settings = PlatformSettings(data=str(tmp_path), redis=server.url, port=free_port())
    checks = await examine(settings, [], group_timeout_s=0.2)
    assert found(checks, "redis").status == "fail"
    assert found(checks, "redis").detail == "no answer within 0.2 s"


async def test_pending_migrations_are_named(empty_database_url: str) -> None:
    checks = await check_postgres(empty_database_url, migrations.discover())
    check = found(checks, "migrations")
    assert (check.status, check.mend) == ("warn", "Run renga migrate.")
    assert "catalog 0001" in check.detail


async def test_a_database_that_does_not_exist_fails_with_what_to_do(empty_database_url: str) -> None:
    checks = await check_postgres(empty_database_url.replace("/test_", "/absent_"), [])
    assert status(checks) == {"postgres": "fail"}
    assert "does not exist" in checks[0].detail


async def test_every_bus_lets_us_in(bus_url: str) -> None:
    checks = await check_bus(bus_url)
    assert status(checks) == {"bus": "ok"}


async def test_a_bus_of_several_hosts_is_well_when_one_answers(rabbitmq_url: str) -> None:
    head, _, host = rabbitmq_url.rpartition("@")
    checks = await check_bus(f"{head}@127.0.0.1:{free_port()},{host}")
    assert status(checks) == {"bus": "ok"}


async def test_the_index_of_search_is_examined_where_it_has_a_server(opensearch_url: str) -> None:
    clock = SystemClock()
    assert declared_by_search(SearchSettings(), clock) == {}
    for url, expected in (
        (opensearch_url, "ok"),
        (f"opensearch://user:hidden@127.0.0.1:{free_port()}", "fail"),
        ("http://user:hidden@host", "fail"),
    ):
        (check,) = await declared_by_search(SearchSettings(index=url), clock)["search index"]
        assert (check.status, "RENGA_SEARCH_INDEX" in check.mend) == (expected, expected == "fail")
        assert "hidden" not in str(check)


async def test_a_wrong_password_of_the_bus_is_found(rabbitmq_url: str) -> None:
    checks = await check_bus(rabbitmq_url.replace("guest:guest", "guest:wrong"))
    assert status(checks) == {"bus": "fail"}
    assert "wrong" not in checks[0].detail


def test_a_port_that_somebody_else_has_fails() -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        check = machine.check_port(PlatformSettings(port=port), "http://127.0.0.1:1")
    assert check.status == "fail"
    assert check.detail == f"127.0.0.1:{port}: Address already in use"


def test_a_data_folder_that_is_a_file_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (check,) = machine.check_folder(tmp_path / "file")
    assert (check.name, check.status) == ("data folder", "fail")


def test_few_file_descriptors_are_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (256, 256))
    assert machine.check_descriptors().status == "warn"


def test_a_disk_that_is_nearly_full_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("renga.platform.doctor.machine.DISK_FAIL_BYTES", 1 << 62)
    monkeypatch.setattr("renga.platform.doctor.machine.DISK_WARN_BYTES", 1 << 62)
    assert status(machine.check_folder(tmp_path)) == {"data folder": "ok", "disk": "fail"}


async def test_a_binary_that_does_not_run_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "valkey-server"
    broken.write_text("#!/bin/sh\nexit 3\n")
    await asyncio.to_thread(broken.chmod, 0o755)
    monkeypatch.setattr("renga.platform.doctor.machine.valkey_server", lambda: broken)
    checks = await machine.check_binaries(PlatformSettings())
    assert status(checks) == {"embedded valkey": "fail", "embedded postgres": "ok"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (PlatformSettings(redis="http://u:hidden@host"), "redis is http://u:••••@host"),
        (PlatformSettings(log_level="loud"), "log_level is loud"),
        (PlatformSettings(jwks="no-such-file"), "jwks names no-such-file, which is not a file"),
        (PlatformSettings(host="0.0.0.0"), "the shop listens on 0.0.0.0 without a public address"),
        (PlatformSettings(redis="redis://a", bus="redis://a"), "bus and redis name the same server"),
    ],
)
def test_settings_that_conflict_are_named(settings: PlatformSettings, said: str) -> None:
    (check,) = check_settings(settings)
    assert check.status in {"warn", "fail"}
    assert check.detail == said
    assert check.mend
