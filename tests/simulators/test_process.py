"""The simulated provider as a process: what it acknowledged survives kill -9; nobody else's network reaches it."""

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from renga.apps.commands.provider import environment
from renga.apps.settings import load_settings
from renga.apps.simulated_provider import beside, is_wanted, url_of
from renga.domains.payments.providers.simulated import adapter
from renga.kernel.errors import RengaError
from renga.platform.settings import SettingsInvalid, Sources
from renga.simulators.payment_provider import secrets_of
from renga.simulators.payment_provider.places import check_address
from renga.simulators.payment_provider.settings import SimulatedProviderSettings
from tests.engines.process import free_port
from tests.simulators.provider import GOOD

AUTHORISATION = {"authorization": "Bearer sk_process"}
ROOT = Path(__file__).parents[2]


class Receiver(http.server.ThreadingHTTPServer):
    """A shop that only counts messages."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[dict[str, Any]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1/webhooks/simulated"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Receiver)
        server.bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Not on stderr."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


class Process:
    """``kill`` is kill -9; ``start`` may be called again."""

    def __init__(self, folder: Path, webhook: str = "", **further: str) -> None:
        self.port = free_port(56_000)
        self.url = f"http://127.0.0.1:{self.port}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("RENGA_")}
        self._environment = clean | {
            "RENGA_DATA": str(folder), "RENGA_PROVIDER_PORT": str(self.port), "RENGA_PROVIDER_SHOP_WEBHOOK": webhook,
            "RENGA_PROVIDER_SECRET_KEY": "sk_process", "PYTHONPATH": str(ROOT / "src"), **further,
        }  # fmt: skip
        self._log = folder / "provider.log"
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "renga.simulators.payment_provider"], env=self._environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + 20
        while True:
            try:
                assert httpx.get(f"{self.url}/healthz").json() == {"status": "ok", "test": True}
                return
            except httpx.TransportError:
                assert self.process.poll() is None, self._log.read_text()
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(10)


@contextmanager
def running(process: Process) -> Iterator[Process]:
    process.start()
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.stop()


def _pay(client: httpx.Client, number: int) -> httpx.Response:
    card = {"number": GOOD, "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    token = client.post("/tokens", json=card).json()["token"]
    body = {"amount": 100 + number, "currency": "BRL", "token": token, "capture": True}
    return client.post("/v1/payments", json=body, headers={"idempotency-key": f"k{number}"})


def test_what_was_answered_survives_kill_9_and_every_message_arrives(tmp_path: Path, receiver: Receiver) -> None:
    with running(Process(tmp_path, receiver.url)) as process:
        acknowledged: dict[str, dict[str, Any]] = {}

        def work() -> None:
            try:
                with httpx.Client(base_url=process.url, headers=AUTHORISATION) as client:
                    for number in range(10_000):
                        answer = _pay(client, number)
                        acknowledged[f"k{number}"] = answer.json()
            except httpx.TransportError:
                return

        thread = threading.Thread(target=work)
        thread.start()
        while len(acknowledged) < 20:
            time.sleep(0.01)
        process.kill()
        thread.join(10)
        assert 20 <= len(acknowledged) < 10_000
        process.start()
        with httpx.Client(base_url=process.url, headers=AUTHORISATION) as client:
            for key, said in acknowledged.items():
                found = client.get("/v1/operations", params={"key": key}).json()
                assert found["payment"] == said["payment"], key
            log = client.get("/v1/log", params={"limit": 1000}).json()["items"]
            keys = [one["key"] for one in log if one["kind"] == "capture"]
            # at most the one that was under way is there without an answer
            assert sorted(set(keys)) == sorted(keys)
            assert len(acknowledged) <= len(keys) <= len(acknowledged) + 1
            deadline = time.monotonic() + 20
            while {one["payment"]["key"] for one in receiver.bodies} < set(keys):
                assert time.monotonic() < deadline
                time.sleep(0.05)


def test_it_stops_cleanly_its_file_has_one_owner_and_a_head_has_an_end(tmp_path: Path) -> None:
    with running(Process(tmp_path)) as process:
        second = Process(tmp_path)
        refused = subprocess.run(
            [sys.executable, "-m", "renga.simulators.payment_provider"], env=second._environment, capture_output=True,
            text=True, timeout=30, check=False,
        )  # fmt: skip
        assert (refused.returncode, "another provider runs on" in refused.stderr) == (1, True)
        with pytest.raises((httpx.RemoteProtocolError, httpx.WriteError, httpx.ReadError)):
            httpx.get(f"{process.url}/healthz", headers={"x-long": "x" * 200_000})
        assert process.stop() == 0


def test_it_listens_to_this_machine_only_unless_asked(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.com", ""):
        with pytest.raises(SettingsInvalid, match="takes no real money"):
            check_address(SimulatedProviderSettings(host=host))
        check_address(SimulatedProviderSettings(host=host, open=True))
    for host in ("127.0.0.1", "::1", "localhost", "127.9.9.9"):
        check_address(SimulatedProviderSettings(host=host))


def test_both_sides_derive_the_same_secrets() -> None:
    assert (adapter.API_LABEL, adapter.WEBHOOK_LABEL) == (secrets_of.API_LABEL, secrets_of.WEBHOOK_LABEL)
    derived = secrets_of.secrets_of(SimulatedProviderSettings(), b"secret")
    assert len({derived.api, derived.webhook, derived.pix}) == 3
    assert "••••" in repr(derived)


def _sections(folder: Path, **environment: str) -> Any:
    return load_settings(
        Sources({"RENGA_DATA": str(folder), "RENGA_PORT": "8100", **environment}, folder / "none.toml")
    )


def test_up_starts_one_only_where_it_is_wanted(tmp_path: Path) -> None:
    assert is_wanted(_sections(tmp_path))
    assert is_wanted(_sections(tmp_path, RENGA_PAYMENTS_PROVIDERS="stripe, simulated"))
    assert not is_wanted(_sections(tmp_path, RENGA_PAYMENTS_PROVIDERS="stripe"))
    assert not is_wanted(_sections(tmp_path, RENGA_PAYMENTS_SIMULATOR_URL="none"))
    assert not is_wanted(_sections(tmp_path, RENGA_PAYMENTS_SIMULATOR_URL="http://127.0.0.1:9"))
    assert not is_wanted(_sections(tmp_path, RENGA_MODULES="catalog"))
    assert url_of(_sections(tmp_path, RENGA_PAYMENTS_SIMULATOR_URL="none")) == ""


def test_shop_and_provider_know_each_other_and_the_port_stays(tmp_path: Path) -> None:
    ready = beside(_sections(tmp_path, RENGA_HOST="0.0.0.0"))
    own = ready[SimulatedProviderSettings]
    assert url_of(ready) == f"http://127.0.0.1:{own.port}"
    assert own.shop_webhook == "http://127.0.0.1:8100/v1/webhooks/simulated"
    assert "http://localhost:8100" in own.frame_origins
    assert beside(_sections(tmp_path, RENGA_PORT="8200"))[SimulatedProviderSettings].port == own.port
    with pytest.raises(RengaError, match="no real money"):
        beside(_sections(tmp_path, RENGA_PROVIDER_HOST="0.0.0.0"))


def test_asking_for_the_address_decides_nothing(tmp_path: Path) -> None:
    """``renga provider --env`` before the first start: the shop's port decides where the provider will be."""
    asked = environment(_sections(tmp_path, RENGA_SECRET="s" * 32))
    assert asked.splitlines()[0] == "PROVIDER=http://127.0.0.1:8101"
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "provider").mkdir()
    (tmp_path / "provider" / "port").write_text("8207\n")
    assert environment(_sections(tmp_path, RENGA_SECRET="s" * 32)).startswith("PROVIDER=http://127.0.0.1:8207\n")
    set_one = _sections(tmp_path, RENGA_SECRET="s" * 32, RENGA_PROVIDER_PORT="8300")
    assert environment(set_one).startswith("PROVIDER=http://127.0.0.1:8300\n")
