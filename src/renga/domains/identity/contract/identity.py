"""All contracts of the module ``identity``."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from renga.domains.identity.contract.accounts import Account, Accounts
from renga.domains.identity.contract.administration import Administration
from renga.domains.identity.contract.api_keys import ApiKeys
from renga.domains.identity.contract.audit import Audit
from renga.domains.identity.contract.buyers import Buyers
from renga.domains.identity.contract.clients import Clients
from renga.domains.identity.contract.consents import Consents
from renga.domains.identity.contract.organisations import Merchants
from renga.domains.identity.contract.verified_facts import CallerFacts, NoCallerFacts


class IdentityContracts(msgspec.Struct, frozen=True, kw_only=True):
    """``key_scopes``: the scopes that an account may give to an API key of its own.

    ``providers``        external identity providers: name, and the path that starts a login there (it takes ``?next=``)
    ``external_logins``  makes the handlers of such logins, given the function that logs in (``log_in=``), the page to confirm a
                         link (``confirm_path=``) and the page of logins (``login_path=``); None where there are no providers
    ``facts``            the cached lookup of buyers' verified facts
    ``consents``         None: this process has no authorization server
    """

    accounts: Accounts
    clients: Clients
    api_keys: ApiKeys
    merchants: Merchants
    audit: Audit
    administration: Administration
    buyers: Buyers
    key_scopes: Callable[[Account], Sequence[str]]
    consents: Consents | None = None
    providers: Sequence[tuple[str, str]] = ()
    external_logins: Callable[..., Sequence[Any]] | None = None
    facts: CallerFacts = NoCallerFacts()
