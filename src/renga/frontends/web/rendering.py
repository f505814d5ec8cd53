"""Templates, compiled once per process, with autoescaping."""

from types import CodeType
from typing import Any

import msgspec
from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from renga.frontends.web.descriptions import described

#: Characters escaped in data blocks, so that they never look like markup.
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def json_block(value: Any) -> Markup:
    """JSON that is safe inside ``<script type="application/ld+json">``."""
    return Markup(msgspec.json.encode(value).decode().translate(_ESCAPES))


class _Compiled(BytecodeCache):
    """The compiled templates of this process, shared by its applications."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


class Templates:
    """All templates of ``templates/``, compiled on creation and never read from disk again."""

    def __init__(self, **shared: Any) -> None:
        environment = Environment(
            loader=PackageLoader("renga.frontends.web"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            bytecode_cache=_COMPILED,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals |= shared
        environment.filters["json_block"] = json_block
        environment.filters["described"] = described
        self._templates = {name: environment.get_template(name) for name in environment.list_templates(["html"])}

    def render(self, name: str, context: dict[str, Any]) -> bytes:
        return self._templates[name].render(context).encode()
