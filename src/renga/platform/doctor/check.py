"""One answer of the doctor."""

from typing import Literal

import msgspec

Status = Literal["ok", "warn", "fail"]


class Check(msgspec.Struct, frozen=True):
    """``detail`` says what was found; ``mend`` is one sentence that says what to do, "" when all is well.

    ``warn`` works but will hurt one day; ``fail`` does not work.
    """

    name: str
    status: Status
    detail: str
    mend: str = ""
