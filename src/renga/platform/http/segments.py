"""Path parameters that contain a slash (a sku ``1/2-INCH``): a ``%2F`` is part of the name, not a separator.

ASGI gives the decoded path, in which the two are the same. Below ``API`` the edge parses the raw path and replaces each
encoded slash by SLASH; routing works on that path, and handlers get the real names.
"""

from typing import Any
from urllib.parse import unquote

from renga.platform.http.parameters import API

#: A lone surrogate, which no decoded UTF-8 path can contain.
SLASH = "\udc2f"


def mark(scope: Any) -> None:
    """Before routing: replace encoded slashes by SLASH."""
    raw: bytes = scope.get("raw_path") or b""
    if (b"%2F" in raw or b"%2f" in raw) and scope["path"].startswith(API):
        parts = raw.decode("latin-1").split("/")
        scope["path"] = "/".join(unquote(part).replace("/", SLASH) for part in parts)


def restore(scope: Any) -> None:
    """After routing: put slashes back into the path and its parameters."""
    if SLASH in scope["path"]:
        scope["path"] = named(scope["path"])
        parameters = scope.get("path_params", {})
        scope["path_params"] = {name: named(value) for name, value in parameters.items()}


def named(part: Any) -> Any:
    """A segment or a parameter with its slashes."""
    return part.replace(SLASH, "/") if isinstance(part, str) else part
