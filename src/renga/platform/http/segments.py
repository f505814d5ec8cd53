"""Names with a slash in them (a sku ``1/2-INCH``) in a path: what the sender encoded as ``%2F`` is part of a name, no border.

A server hands over the path decoded (ASGI), where the two look alike. Below ``API`` the edge takes the path apart as it was
sent and puts SLASH for what was encoded; routes are found by that, and handlers get the names as they are.
"""

from typing import Any
from urllib.parse import unquote

from renga.platform.http.parameters import API

#: A lone surrogate: no decoded path has one, for it is not in any UTF-8.
SLASH = "\udc2f"


def mark(scope: Any) -> None:
    """Before a route is looked for: tell encoded slashes from others."""
    raw: bytes = scope.get("raw_path") or b""
    if (b"%2F" in raw or b"%2f" in raw) and scope["path"].startswith(API):
        parts = raw.decode("latin-1").split("/")
        scope["path"] = "/".join(unquote(part).replace("/", SLASH) for part in parts)


def restore(scope: Any) -> None:
    """After it was found: the path and its parameters as they are meant."""
    if SLASH in scope["path"]:
        scope["path"] = named(scope["path"])
        parameters = scope.get("path_params", {})
        scope["path_params"] = {name: named(value) for name, value in parameters.items()}


def named(part: Any) -> Any:
    """A part of a path, or a parameter, as it is meant."""
    return part.replace(SLASH, "/") if isinstance(part, str) else part
