"""The ``Set-Cookie`` header of a session: kept, and dropped. Apart from ``cookies``, which whoever authenticates loads."""

from litestar.datastructures import Cookie

from renga.platform.sessions.cookies import name_of
from renga.platform.sessions.port import ABSOLUTE_S


def keep(secret: str, *, secure: bool) -> Cookie:
    """The Set-Cookie value of a session that was started or rotated."""
    return _cookie(secret, ABSOLUTE_S, secure=secure)


def drop(*, secure: bool) -> Cookie:
    """The Set-Cookie value that deletes the session's cookie."""
    return _cookie("", 0, secure=secure)


def _cookie(value: str, age_s: int, *, secure: bool) -> Cookie:
    return Cookie(
        key=name_of(secure=secure), value=value, max_age=age_s, path="/", httponly=True, secure=secure, samesite="lax"
    )
