"""What a shop says when it is open: its addresses, and the commands that work on it, each complete."""

import os
import shlex
import shutil
import sys
from pathlib import Path

import msgspec
import typer

from renga.apps.simulated_provider import url_of
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings, public_url

#: Label, path, and the module that answers there, which may run in another process.
_ADDRESSES = (
    ("shop", "/", "web"),
    ("API", "/docs", ""),
    ("GraphiQL", "/graphql", "bff"),
    ("events", "/docs/events", ""),
    ("products", "/v1/products", "catalog"),
    ("health", "/readyz", ""),
)
_DEFAULTS = {field.name: field.default for field in msgspec.structs.fields(PlatformSettings)}


def announce(settings: Sections, seconds: float) -> None:
    """Print it on stderr; lines are never wrapped, so that a command can be copied."""
    platform = settings[PlatformSettings]
    took = typer.style(f"({seconds:.1f} s)", dim=True)
    _say(f"\n  {typer.style('Renga is open', bold=True)} {took}")
    for label, text in lines_of(platform, renga=own_command(), provider=url_of(settings)):
        _say(f"    {label:<10} {typer.style(text, fg='cyan') if '://' in text else text}")
    _say("  Ctrl-C stops everything.\n")


def _say(line: str) -> None:
    """Colours are for a terminal, and not for who sets NO_COLOR. Without rich, which a running shop need not keep in memory."""
    typer.echo(line, err=True, color=False if os.environ.get("NO_COLOR") else None)


def lines_of(platform: PlatformSettings, *, renga: str, provider: str = "") -> list[tuple[str, str]]:
    """Label and text of each line. ``renga`` is what the reader types for the command, ``provider`` the simulated one's address.

    A command names the data folder where it is not the default one: another terminal has other variables.
    """
    base = public_url(platform)
    runs = [one for one in _ADDRESSES if not one[2] or not platform.modules or one[2] in platform.modules]
    option = "" if platform.data == _DEFAULTS["data"] else f" --data {shlex.quote(platform.data)}"
    lines = [(label, f"{base}{path}") for label, path, _ in runs]
    if provider:
        lines.append(("payments", f"{provider}/card (TEST provider, no real money)"))
    lines.append(("data", str(Path(platform.data).resolve())))
    if not platform.public_url:
        lines.append(("log in", "ana@demo.example, password ipe-amarelo-na-varanda"))
        lines.append(("others", f"{renga} demo{option}"))
    return [*lines, ("watch", f"{renga} events tail{option}"), ("check", f"{renga} doctor{_port(platform)}{option}")]


def _port(platform: PlatformSettings) -> str:
    return "" if platform.port == _DEFAULTS["port"] else f" --port {platform.port}"


def own_command() -> str:
    """``renga`` where the shell finds this very program under that name, else its path, as short as it can be."""
    program = Path(sys.executable).with_name("renga")
    found = shutil.which("renga")
    if found and Path(found).resolve() == program.resolve():
        return "renga"
    shown = program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program
    return shlex.quote(str(shown))
