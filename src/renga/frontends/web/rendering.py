"""Templates, compiled once at start-up; everything they print is escaped unless it is their own markup."""

from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

#: In a data block of a page nothing may look like markup.
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def json_block(value: Any) -> Markup:
    """JSON that can stand inside ``<script type="application/ld+json">``."""
    return Markup(msgspec.json.encode(value).decode().translate(_ESCAPES))


class Templates:
    """All templates of ``templates/``, compiled when this is made and never looked up on disk again."""

    def __init__(self, **shared: Any) -> None:
        environment = Environment(
            loader=PackageLoader("renga.frontends.web"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals |= shared
        environment.filters["json_block"] = json_block
        self._templates = {name: environment.get_template(name) for name in environment.list_templates(["html"])}

    def render(self, name: str, context: dict[str, Any]) -> bytes:
        return self._templates[name].render(context).encode()
