"""Names of query parameters: an unknown parameter is an error that names it, so that typing errors are noticed.

This holds for every operation below ``API``. Pages accept anything (links to them carry campaign parameters), and so do the
OAuth endpoints, which must ignore unknown parameters (RFC 6749 §3.1).
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from litestar.enums import ParamType
from litestar.handlers import BaseRouteHandler
from litestar.params import ParameterKwarg

from renga.kernel.errors import Invalid
from renga.platform.http.problems import UnknownParameter

API = "/v1/"
NAME_CHARACTERS_MAX = 60
#: Most parameters in one query.
FIELDS_MAX = 250
#: ``opt`` of a handler that reads parameters itself: a pattern for names beyond those of its signature.
PATTERN = "query_parameters"


class KnownParameters:
    """The parameters that one operation takes, at most ``fields_max`` in one query."""

    def __init__(
        self,
        operation: str,
        names: Iterable[str],
        pattern: "re.Pattern[str] | None" = None,
        *,
        fields_max: int = FIELDS_MAX,
    ) -> None:
        self._operation, self._names, self._pattern = operation, frozenset(names), pattern
        self._fields_max = fields_max

    def check(self, query_string: bytes) -> None:
        """Raises UnknownParameter, naming the first one that the operation does not take, Invalid for too many or no UTF-8."""
        try:
            pairs = parse_qsl(
                query_string.decode(), keep_blank_values=True, errors="strict", max_num_fields=self._fields_max
            )
        except UnicodeDecodeError:
            raise Invalid("the query is not UTF-8") from None
        except ValueError:
            raise Invalid(f"the query has more than {self._fields_max} parameters") from None
        for name, _ in pairs:
            if name not in self._names and not (self._pattern and self._pattern.fullmatch(name)):
                short = name[:NAME_CHARACTERS_MAX]
                raise UnknownParameter(f"{self._operation} takes no parameter {short!r}", parameter=short)


def known_to(handler: BaseRouteHandler) -> KnownParameters:
    """The query parameters that a Litestar handler declares."""
    names = []
    for name, field in handler.parsed_fn_signature.parameters.items():
        declared = field.kwarg_definition
        if isinstance(declared, ParameterKwarg) and declared.param_type == ParamType.QUERY:
            names.append(declared.name or name)
    return KnownParameters(str(getattr(handler, "operation_id", None) or handler), names, handler.opt.get(PATTERN))
