"""The machine's own Chromium; Playwright drives it, see the fixtures ``browser`` and ``page``."""

import importlib.util
import shutil

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def binary() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def available() -> str | None:
    """None if it can be started, else the reason why not."""
    if not importlib.util.find_spec("playwright"):
        return "playwright is not installed"
    return None if binary() else "chromium is not installed"
