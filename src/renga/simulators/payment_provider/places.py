"""Where the provider is: its folder, its port, its address."""

import socket
from ipaddress import ip_address
from pathlib import Path

from renga.platform.settings import PlatformSettings, SettingsInvalid
from renga.simulators.payment_provider.settings import SimulatedProviderSettings


def folder_of(settings: SimulatedProviderSettings, platform: PlatformSettings) -> Path:
    """Where its file is."""
    return Path(settings.data) if settings.data else Path(platform.data) / "provider"


def check_address(settings: SimulatedProviderSettings) -> None:
    """Raises SettingsInvalid for an address that others reach, unless that was asked for."""
    try:
        loopback = settings.host == "localhost" or ip_address(settings.host).is_loopback
    except ValueError:
        loopback = False
    if not (loopback or settings.open):
        raise SettingsInvalid(
            f"provider.host is {settings.host}: this provider takes no real money and is for tests; "
            "RENGA_PROVIDER_OPEN=true lets others reach it all the same"
        )


def chosen_port(settings: SimulatedProviderSettings, shop_port: int, folder: Path) -> int:
    """The port that is set; else the one of last time, the one after the shop's, or any: the first that is free.

    It is remembered in the folder, for addresses of payments name it.
    """
    if settings.port:
        return settings.port
    kept = folder / "port"
    for port in (_remembered(kept), shop_port + 1, 0):
        found = None if port is None else _free(settings.host, port)
        if found is not None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            kept.write_text(f"{found}\n")
            return found
    raise SettingsInvalid(f"provider.host: nobody can listen on {settings.host}")


def expected_port(settings: SimulatedProviderSettings, shop_port: int, folder: Path) -> int:
    """The port that it has, or will have if nobody else listens there. Writes nothing."""
    return settings.port or _remembered(folder / "port") or shop_port + 1


def _remembered(kept: Path) -> int | None:
    try:
        port = int(kept.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return port if 1 <= port <= 65_535 else None


def _free(host: str, port: int) -> int | None:
    """The port, if somebody can listen there now."""
    if port > 65_535:
        return None
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return None
        return int(probe.getsockname()[1])


def address_of(settings: SimulatedProviderSettings, port: int) -> str:
    """Where clients and browsers reach it."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return (settings.public_url or f"http://{host}:{port}").rstrip("/")
