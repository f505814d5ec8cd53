"""Which merchants a caller reaches: her own, or, for the shop's own people and services, all."""

import pytest

from renga.platform.auth.principal import Principal

M = frozenset({"m-1"})
WRITE, MANAGE = frozenset({"catalog:write"}), frozenset({"catalog:write", "catalog:manage"})


@pytest.mark.parametrize(
    ("principal", "reach"),
    [
        (Principal(subject="a", scopes=WRITE, kind="session"), frozenset()),
        (Principal(subject="a", scopes=WRITE, kind="session", merchants=M), M),
        (Principal(subject="a", scopes=WRITE, kind="api_key", merchants=M, key_id="k"), M),
        (Principal(subject="a", scopes=WRITE, client_id="spa", merchants=M), M),
        (Principal(subject="a", scopes=WRITE, client_id="spa"), frozenset()),
        (Principal(subject="svc", scopes=WRITE, client_id="svc"), None),
        (Principal(subject="svc", scopes=frozenset({"cart"}), client_id="svc"), frozenset()),
        (Principal(subject="svc", scopes=WRITE, client_id="svc", kind="api_key"), frozenset()),
        (Principal(subject="a", scopes=MANAGE, kind="session", merchants=M), None),
    ],
)
def test_a_caller_reaches_her_merchants(principal: Principal, reach: frozenset[str] | None) -> None:
    assert principal.reach == reach
