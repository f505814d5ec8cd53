"""The storefront's own errors: missing pages, unreadable or forged forms, required logins."""

from renga.kernel.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from renga.platform.sessions.csrf import CrossSiteRequest as CrossSiteRequest


class PageNotFound(NotFound):
    code = "page_not_found"
    title = "There is no such page"


class FormInvalid(Invalid):
    code = "form_invalid"
    title = "The form cannot be read"


class FormStale(Forbidden):
    """The form's token is not the session's: an outdated page or a forged form."""

    code = "form_stale"
    title = "This form does not belong to the present session"


class LoginNeeded(Unauthenticated):
    """Redirects to the login page, and then to ``next_path``."""

    code = "login_needed"
    title = "Log in first"

    def __init__(self, next_path: str) -> None:
        super().__init__()
        self.next_path = next_path


class ConfirmationNeeded(Forbidden):
    """The last authentication is too old for this action; redirects to the page that asks for it again."""

    code = "confirmation_needed"
    title = "Confirm that it is you first"

    def __init__(self, next_path: str) -> None:
        super().__init__()
        self.next_path = next_path


class SessionsAway(Unavailable):
    code = "sessions_unavailable"
    title = "Accounts cannot be reached now"
