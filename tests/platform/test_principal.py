"""What contracts are told of a credential: who asks, with which scopes, for which merchants, for a person or in its own name."""

import pytest

from renga.kernel.caller import ANONYMOUS, Caller
from renga.platform.auth.principal import Principal, caller_of

M = frozenset({"m-1"})
S = frozenset({"cart"})


@pytest.mark.parametrize(
    ("principal", "caller"),
    [
        (None, ANONYMOUS),
        (Principal(subject="a", scopes=S, kind="session", merchants=M), Caller("a", S, M)),
        (Principal(subject="a", scopes=S, kind="api_key", merchants=M, key_id="k"), Caller("a", S, M)),
        (Principal(subject="a", scopes=S, client_id="spa", merchants=M), Caller("a", S, M)),
        (Principal(subject="svc", scopes=S, client_id="svc"), Caller("svc", S, program=True)),
        (Principal(subject="svc", scopes=S, client_id="svc", kind="api_key"), Caller("svc", S)),
        (Principal(subject="svc", scopes=S), Caller("svc", S)),
    ],
)
def test_a_credential_says_who_asks(principal: Principal | None, caller: Caller) -> None:
    assert caller_of(principal) == caller
