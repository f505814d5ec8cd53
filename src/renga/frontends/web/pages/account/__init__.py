"""The account area: pages for the logged-in customer."""

from renga.frontends.web.pages.account import (
    addresses,
    apps,
    confirm,
    keys,
    merchants,
    overview,
    passkeys,
    password,
    personal_data,
    security,
    sessions,
    two_steps,
)

PAGES = (
    overview.handlers,
    confirm.handlers,
    security.handlers,
    password.handlers,
    two_steps.handlers,
    passkeys.handlers,
    sessions.handlers,
    addresses.handlers,
    keys.handlers,
    apps.handlers,
    merchants.handlers,
    personal_data.handlers,
)
