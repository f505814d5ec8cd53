"""Errors of the authorization server, with the codes of OAuth 2.1, OpenID Connect and DPoP."""

from typing import Any, ClassVar

from renga.kernel.errors import Invalid


class OAuthError(Invalid):
    """``error`` is the protocol's code; ``status`` is the HTTP status of the JSON answer."""

    code: ClassVar[str] = "invalid_request"
    title: ClassVar[str] = "The request is not a valid one of OAuth"
    status: ClassVar[int] = 400

    @property
    def error(self) -> str:
        return self.code

    def document(self) -> dict[str, Any]:
        """The body of the answer (RFC 6749 §5.2)."""
        return {"error": self.error, "error_description": self.detail}


class ClientRefused(OAuthError):
    """The client is unknown or did not authenticate: one error for both, to prevent enumeration."""

    code = "invalid_client"
    title = "The client is unknown or did not authenticate"
    status = 401


class GrantRefused(OAuthError):
    code = "invalid_grant"
    title = "This code or token is not valid (any more)"


class ClientNotAllowed(OAuthError):
    code = "unauthorized_client"
    title = "This client may not do this"


class GrantTypeUnknown(OAuthError):
    code = "unsupported_grant_type"
    title = "There is no such grant"


class ScopeRefused(OAuthError):
    code = "invalid_scope"
    title = "None of these scopes can be given"


class ResponseTypeUnknown(OAuthError):
    code = "unsupported_response_type"
    title = "Only the response type 'code' is known"


class AccessDenied(OAuthError):
    code = "access_denied"
    title = "The person did not allow it"


class LoginRequired(OAuthError):
    code = "login_required"
    title = "The person has to log in first"


class ConsentRequired(OAuthError):
    code = "consent_required"
    title = "The person has to consent first"


class RequestObjectRefused(OAuthError):
    code = "request_not_supported"
    title = "Request objects are not supported"


class RequestUriRefused(OAuthError):
    code = "invalid_request_uri"
    title = "This request_uri is unknown, used or too old"


class ProofRefused(OAuthError):
    code = "invalid_dpop_proof"
    title = "The DPoP proof is missing or not valid"


class RedirectRefused(OAuthError):
    """The redirect URI is not registered for the client: nothing may be sent there."""

    code = "redirect_uri_refused"
    title = "This client has no such redirect_uri"


class RequestGone(OAuthError):
    """The login took too long, or started in another browser."""

    code = "authorization_request_gone"
    title = "This login is not open any more; start again at the application"
