"""The authorization server, assembled from its endpoints and grants; ``opening.py`` gives it stores."""

from renga.domains.identity.contract import Accounts, Clients, Merchants
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.oauth.access_tokens import TokenIssuer
from renga.domains.identity.oauth.authorization_code import CodeGrant
from renga.domains.identity.oauth.authorize import Authorize
from renga.domains.identity.oauth.client_auth import ClientAuthentication
from renga.domains.identity.oauth.client_credentials import CredentialsGrant
from renga.domains.identity.oauth.consent import ConsentDecisions
from renga.domains.identity.oauth.end_session import EndSession
from renga.domains.identity.oauth.granting import Granting
from renga.domains.identity.oauth.id_token import IdTokens
from renga.domains.identity.oauth.introspect import Introspect
from renga.domains.identity.oauth.par import PushRequests
from renga.domains.identity.oauth.ports import PendingRequestStore, TokenStore
from renga.domains.identity.oauth.refresh import RefreshGrant
from renga.domains.identity.oauth.refresh_token import RefreshTokens
from renga.domains.identity.oauth.revoke import Revoke
from renga.domains.identity.oauth.signing_keys import SigningKeys
from renga.domains.identity.oauth.token import TokenEndpoint
from renga.domains.identity.oauth.token_revoker import TokenRevoker
from renga.domains.identity.oauth.userinfo import UserInfoEndpoint
from renga.domains.identity.settings import IdentitySettings
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.auth.dpop import ProofChecker
from renga.platform.auth.replays import Replays
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.sessions.port import Sessions


class AuthorizationServer:
    """``issuer`` is the shop's public address without a slash at its end; ``verifier`` checks tokens of that issuer.

    ``languages`` are those of its pages.
    """

    def __init__(
        self,
        *,
        issuer: str,
        grants: Grants,
        languages: tuple[str, ...],
        secret: bytes,
        settings: IdentitySettings,
        clients: Clients,
        accounts: Accounts,
        merchants: Merchants,
        sessions: Sessions,
        store: TokenStore,
        memory: PendingRequestStore,
        replays: Replays,
        keys: SigningKeys,
        token_revoker: TokenRevoker,
        verifier: TokenVerifier,
        clock: Clock,
        new_id: IdSource,
    ) -> None:
        self.issuer = issuer
        self.scopes = tuple(grants.scopes)
        self.languages = languages
        self.refused_path = settings.refused_path
        self.sessions = sessions
        self.keys = keys
        self.token_revoker = token_revoker
        self.verifier = verifier
        self.proofs = ProofChecker(replays, clock)
        refresh_tokens = RefreshTokens(secret)
        tokens = TokenIssuer(keys, issuer=issuer, life_s=settings.access_life_s, clock=clock, new_id=new_id)
        self.tokens = tokens
        id_tokens = IdTokens(tokens, life_s=settings.id_token_life_s, clock=clock, find_key=keys.find)
        granting = Granting(grants, accounts, merchants, tokens, id_tokens, refresh_tokens)
        audiences = frozenset({issuer, f"{issuer}/oauth/token", f"{issuer}/oauth/par"})
        self.client_authentication = ClientAuthentication(clients, replays, clock, audiences)
        self.authorize = Authorize(
            grants=grants,
            clients=clients,
            accounts=accounts,
            store=store,
            memory=memory,
            id_tokens=id_tokens,
            settings=settings,
            issuer=issuer,
            clock=clock,
            new_id=new_id,
        )
        self.consents = ConsentDecisions(clients, accounts, memory, settings)
        self.push = PushRequests(memory, id_tokens, settings, clock)
        self.token = TokenEndpoint(
            {
                "authorization_code": CodeGrant(store, granting, token_revoker, sessions, settings, clock),
                "refresh_token": RefreshGrant(store, granting, token_revoker, refresh_tokens, settings, clock),
                "client_credentials": CredentialsGrant(tokens),
            }
        )
        self.introspect = Introspect(
            verifier, store, refresh_tokens, settings, clock, issuer, resource_servers=grants.only_services
        )
        self.revoke = Revoke(verifier, store, refresh_tokens, token_revoker)
        self.userinfo = UserInfoEndpoint(accounts)
        self.end_session = EndSession(clients, id_tokens, settings)
