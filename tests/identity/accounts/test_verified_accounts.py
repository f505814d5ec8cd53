"""Accounts for people whom another provider vouches for."""

from renga.domains.identity.accounts.verified_accounts import LocalVerifiedAccounts
from tests.identity.accounts.people import People


async def test_an_address_that_is_nobodys_becomes_a_verified_customer_without_a_password(people: People) -> None:
    accounts = LocalVerifiedAccounts(people.dependencies)
    assert await accounts.of_email("rui@example.com") is None
    made = await accounts.create_verified("rui@example.com", "  Rui   Sol ", "pt-BR", "192.0.2.1")
    assert made is not None
    assert (made.email, made.name, made.email_verified, made.stakeholders) == (
        "rui@example.com",
        "Rui Sol",
        True,
        ("customer",),
    )
    assert await accounts.of_email("RUI@example.com") == made


async def test_an_account_that_is_locked_or_of_nobody_is_not_open(people: People) -> None:
    accounts = LocalVerifiedAccounts(people.dependencies)
    made = await accounts.create_verified("rui@example.com", "Rui", "en", "192.0.2.1")
    assert made is not None
    assert await accounts.open(made.id) == made
    await people.pool.execute("UPDATE identity.accounts SET locked_ms = 1 WHERE id = $1", made.id)
    assert await accounts.open(made.id) is None
    assert await accounts.open("00000000-0000-0000-0000-000000000000") is None


async def test_an_address_that_is_taken_is_not_given_twice(people: People) -> None:
    accounts = LocalVerifiedAccounts(people.dependencies)
    await accounts.create_verified("rui@example.com", "Rui", "en", "192.0.2.1")
    assert await accounts.create_verified("rui@example.com", "Another", "en", "192.0.2.2") is None
