"""The result of one check."""

from typing import Literal

import msgspec

Status = Literal["ok", "warn", "fail"]


class Check(msgspec.Struct, frozen=True):
    """``detail``: what was found; ``mend``: one sentence that says how to fix it, "" if ok.

    ``warn`` works now but needs attention; ``fail`` does not work.
    """

    name: str
    status: Status
    detail: str
    mend: str = ""
