"""Identity's routes in the web application."""

from renga.domains.identity import http
from renga.domains.identity.contract import IdentityContracts
from renga.domains.identity.oauth import http as oauth_http
from renga.domains.identity.oauth.server import AuthorizationServer
from renga.platform.http.face import Face, HttpContext


def face_of(server: AuthorizationServer, identity: IdentityContracts, context: HttpContext) -> Face:
    """The authorization server, and REST below ``/v1/identity`` if the process has web sessions."""
    rest = []
    if context.sessions is not None:
        rest = http.routes(
            accounts=identity.accounts,
            organisations=identity.merchants,
            keys=identity.api_keys,
            oauth_clients=identity.clients,
            audit=identity.audit,
            administration=identity.administration,
            buyers=identity.buyers,
            sessions=context.sessions,
        )
    return Face(routes=[*oauth_http.routes(server), *rest])
