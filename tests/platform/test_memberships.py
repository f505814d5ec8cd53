"""The merchants of a token: those that it names and that its person still works for."""

import pytest
from joserfc.jwk import ECKey, KeySet

from renga.kernel.clock import ManualClock
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.signing import sign
from renga.platform.auth.tokens import TokenVerifier

ALICE = "0195f000-0000-7000-8000-00000000000a"
KEY = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)


@pytest.mark.parametrize(
    ("subject", "named", "works_for", "has"),
    [
        (ALICE, ("m-1", "m-2"), {"m-1", "m-2", "m-3"}, {"m-1", "m-2"}),
        (ALICE, ("m-1", "m-2"), {"m-2"}, {"m-2"}),
        (ALICE, ("m-1",), set(), set()),
        (ALICE, (), {"m-1"}, set()),
        ("a-development-token", ("m-1",), set(), {"m-1"}),
    ],
)
async def test_who_left_a_merchant_has_nothing_of_it_any_more(
    subject: str, named: tuple[str, ...], works_for: set[str], has: set[str]
) -> None:
    clock = ManualClock()
    token = sign(
        KEY,
        subject=subject,
        scope="catalog:write",
        issuer="renga",
        life_s=60,
        clock=clock,
        token_id="t",
        merchants=named,
    )

    async def merchants_of(account_id: str) -> frozenset[str]:
        assert account_id == ALICE
        return frozenset(works_for)

    authenticator = Authenticator(TokenVerifier(KeySet([KEY]), issuer="renga", clock=clock), merchants_of=merchants_of)
    scope = {"method": "GET", "path": "/", "headers": [(b"authorization", f"Bearer {token}".encode())]}
    principal = (await authenticator.identify(scope)).principal
    assert principal is not None
    assert principal.merchants == has
