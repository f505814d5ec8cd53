"""One RabbitMQ node with management, run through the package's own script, beside whatever the machine runs."""

import base64
import json
import shutil
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.engines.process import Server, environment, free_port

SCRIPTS = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "/usr/local/lib/rabbitmq/bin/rabbitmq-server")
HTTP_TIMEOUT_S = 10.0


def _script() -> str | None:
    return next((path for path in SCRIPTS if Path(path).exists()), None)


def available() -> str | None:
    """None if it can be started, else the reason why not."""
    if not _script():
        return "rabbitmq-server is not installed"
    return None if shutil.which("epmd") and shutil.which("erl") else "Erlang is not installed"


class RabbitMq:
    """A node and the epmd it registers with. ``url`` names the default vhost; ``vhost`` makes a fresh one."""

    name = "rabbitmq"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self._management, epmd, dist = free_port(), free_port(), free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/"
        self.urls = [self.url]
        variables = _configure(folder, self.port, self._management, epmd, dist)
        names = ["-port", str(epmd), "-address", "127.0.0.1"]
        self._epmd = Server(
            "epmd", [shutil.which("epmd") or "", *names], folder, url="", ready=lambda _: True, environment=variables
        )
        self._node = Server(
            "rabbitmq",
            [_script() or ""],
            folder,
            url=self.url,
            ready=self._answers,
            environment=variables,
            ready_timeout_s=120,
        )

    @property
    def version(self) -> str:
        return self._node.version

    @property
    def nodes(self) -> "list[RabbitMq]":
        return [self]

    @property
    def pids(self) -> list[int]:
        return [*self._node.pids, *self._epmd.pids]

    def start(self) -> "RabbitMq":
        if not self._epmd.pids:
            self._epmd.start()
        try:
            self._node.start()
        except BaseException:
            self._epmd.kill()
            raise
        return self

    def _answers(self, node: Server) -> bool:
        try:
            overview = self.api("GET", "/overview")
            node.version = f"rabbitmq {overview['rabbitmq_version']}"
            return bool(self.api("GET", "/health/checks/alarms")["status"] == "ok" and _listens(overview, self.port))
        except (OSError, KeyError, urllib.error.HTTPError):
            return False

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the management API; raises OSError (HTTPError is one) when it fails."""
        request = urllib.request.Request(f"http://127.0.0.1:{self._management}/api{path}", method=method)
        request.add_header("authorization", "Basic " + base64.b64encode(b"guest:guest").decode())
        request.add_header("content-type", "application/json")
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data, HTTP_TIMEOUT_S) as response:
            text = response.read()
        return json.loads(text) if text else None

    def new_vhost(self, name: str) -> str:
        """Create a vhost that ``guest`` owns and return its URL."""
        self.api("PUT", f"/vhosts/{quote(name, safe='')}", {})
        self.api("PUT", f"/permissions/{quote(name, safe='')}/guest", {"configure": ".*", "write": ".*", "read": ".*"})
        return f"amqp://guest:guest@127.0.0.1:{self.port}/{quote(name, safe='')}"

    def drop_vhost(self, name: str) -> None:
        self.api("DELETE", f"/vhosts/{quote(name, safe='')}")

    def stop(self) -> None:
        self._node.stop()
        self._epmd.kill()

    def kill(self) -> None:
        self._node.kill()
        self._epmd.kill()

    def discard(self) -> None:
        self.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        self._node.pause()

    def resume(self) -> None:
        self._node.resume()


def _listens(overview: dict[str, Any], port: int) -> bool:
    return any(listener["port"] == port for listener in overview["listeners"])


def _configure(folder: Path, port: int, management: int, epmd: int, dist: int) -> dict[str, str]:
    (folder / "plugins").write_text("[rabbitmq_management].")
    cookie = folder / ".erlang.cookie"
    cookie.write_text("RENGATESTS")
    cookie.chmod(0o400)
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.1 = 127.0.0.1:{port}\nmanagement.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management}\n"
        "vm_memory_high_watermark.relative = 0.6\ndisk_free_limit.absolute = 50MB\n"
    )
    interface = "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none"
    return environment(
        HOME=folder,
        ERL_EPMD_ADDRESS="127.0.0.1",
        ERL_EPMD_PORT=epmd,
        RABBITMQ_NODENAME=f"renga{port}@localhost",
        RABBITMQ_DIST_PORT=dist,
        RABBITMQ_MNESIA_BASE=folder / "mnesia",
        RABBITMQ_LOG_BASE=folder / "log",
        RABBITMQ_ENABLED_PLUGINS_FILE=folder / "plugins",
        RABBITMQ_CONFIG_FILE=folder / "rabbitmq.conf",
        RABBITMQ_PID_FILE=folder / "pid",
        RABBITMQ_CONF_ENV_FILE="/dev/null",
        RABBITMQ_GENERATED_CONFIG_DIR=folder / "gen",
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=interface,
        RUNNING_UNDER_SYSTEMD="true",  # the script then becomes the node itself, so the pid we know is the node's
    )


def start(folder: Path) -> RabbitMq:
    """Start one node; about five seconds."""
    reason = available()
    if reason:
        raise RuntimeError(reason)
    return RabbitMq(folder).start()
