"""The inventory's part of the web application."""

from typing import Any

from renga.domains.inventory.rest import availability, files, levels, locations
from renga.platform.http.face import Face


def face_of(stock: Any) -> Face:
    """Public availability, and the operations of those who keep stock."""
    return Face(
        routes=[*availability.routes(stock), *files.routes(stock)],
        operations=[*levels.operations(stock), *locations.operations(stock)],
    )
