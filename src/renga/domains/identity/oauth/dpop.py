"""DPoP at the authorization server (RFC 9449 §5): the proof of a token request, required if the client's registration says so."""

from renga.domains.identity.contract import Client
from renga.domains.identity.oauth.model.errors import ProofRefused
from renga.platform.auth.dpop import ProofChecker, ProofInvalid


async def proved_key(
    proofs: ProofChecker, client: Client, proof: str | None, *, url: str, required: bool = True
) -> str | None:
    """The thumbprint of the request's proof key; None without a proof. Raises ProofRefused, Unavailable."""
    if proof is None:
        if client.dpop_required and required:
            raise ProofRefused("this client must send a DPoP proof")
        return None
    try:
        return await proofs.check(proof, method="POST", url=url)
    except ProofInvalid as error:
        raise ProofRefused(error.detail) from error
