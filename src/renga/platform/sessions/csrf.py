"""CSRF protection: posts of a logged-in browser are accepted from our own pages only, by origin and by token.

The origin is checked by ``Sec-Fetch-Site``, else by ``Origin`` against ``Host``. The token is the session's
(``Session.csrf``), in the form field ``csrf`` or in the header ``X-CSRF-Token``. Two independent checks: defence in depth.
"""

import hmac
from urllib.parse import parse_qsl, urlsplit

from renga.kernel.errors import Forbidden
from renga.platform.sessions.port import Session

FIELD, HEADER = "csrf", b"x-csrf-token"
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
FIELDS_MAX = 200
FORM_BYTES_MAX = 65_536

_OWN = frozenset(("same-origin", "none"))


class CrossSiteRequest(Forbidden):
    code = "cross_site_request"
    title = "This form was sent from another site"


class CsrfTokenWrong(Forbidden):
    code = "csrf_token_wrong"
    title = "This form is from another session; load the page again"


def is_own(sec_fetch_site: str | None, origin: str | None, host: str, public_host: str) -> bool:
    """Whether a post comes from our own pages. A client that sends neither header is not a browser, so CSRF cannot happen."""
    if sec_fetch_site is not None:
        return sec_fetch_site in _OWN
    if origin is None:
        return True
    return urlsplit(origin).netloc in {host, public_host} - {""}


def check_token(session: Session, token: str | None) -> None:
    """Raises CsrfTokenWrong unless the token is the session's; constant-time comparison."""
    if not token or not hmac.compare_digest(token.encode(), session.csrf.encode()):
        raise CsrfTokenWrong()


def token_in_form(body: bytes) -> str | None:
    """The token of a posted form; None if there is none, more than one, or the form is longer than FORM_BYTES_MAX."""
    if len(body) > FORM_BYTES_MAX:
        return None
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        return None
    tokens = [value for name, value in fields if name == FIELD]
    return tokens[0] if len(tokens) == 1 else None
