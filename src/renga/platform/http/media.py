"""The demo shop's pictures, served from the package; real shops have a media store."""

import importlib.resources
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from renga.kernel.errors import NotFound
from renga.platform.http.gate import OPEN


def routes(prefix: str, package: str, folder: str) -> list[Any]:
    """``<prefix>/<name>.svg`` from a folder of a package; the folder is listed once."""
    root = importlib.resources.files(package) / folder
    files = {entry.name: entry for entry in root.iterdir() if entry.name.endswith(".svg")} if root.is_dir() else {}

    @get(f"{prefix}/{{name:str}}", include_in_schema=False, opt=OPEN)
    async def picture(name: FromPath[str]) -> Response[bytes]:
        if name not in files:
            raise NotFound("there is no such picture")
        return Response(
            files[name].read_bytes(), media_type="image/svg+xml", headers={"cache-control": "public, max-age=86400"}
        )

    return [picture]
