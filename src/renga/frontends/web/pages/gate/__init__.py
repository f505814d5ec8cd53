"""The login pages: everything up to a logged-in session."""

from renga.frontends.web.pages.gate import (
    consent,
    enrolment,
    external,
    login,
    passkey,
    recovery,
    registration,
    second_factor,
)

PAGES = (
    login.handlers,
    passkey.handlers,
    external.handlers,
    second_factor.handlers,
    enrolment.handlers,
    registration.handlers,
    recovery.handlers,
    consent.handlers,
)
