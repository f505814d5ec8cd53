"""The errors of identity, each with its stable code."""

from renga.kernel.email_address import EmailInvalid as EmailInvalid
from renga.kernel.errors import Conflict, Forbidden, NotFound, Unauthenticated, Unprocessable
from renga.kernel.tax_ids import TaxIdInvalid as TaxIdInvalid


class AccountNotFound(NotFound):
    code = "account_not_found"
    title = "There is no such account"


class NameInvalid(Unprocessable):
    code = "name_invalid"
    title = "A name has from 1 to 200 characters"


class PasswordRefused(Unprocessable):
    """``reason`` is too_short, too_long, weak or breached."""

    code = "password_refused"
    title = "This password is too easy to guess"


class CredentialsRefused(Unauthenticated):
    """The same for a wrong password, an unknown address, a locked and an unverified account, to prevent enumeration."""

    code = "credentials_refused"
    title = "The address or the password is wrong"


class SecondFactorRefused(Unauthenticated):
    code = "second_factor_refused"
    title = "This code is wrong or was used before"


class LinkInvalid(Unprocessable):
    """A verification or recovery link that is unknown, used or expired."""

    code = "link_invalid"
    title = "This link does not work any more"


class PasskeyRefused(Unauthenticated):
    code = "passkey_refused"
    title = "This passkey was not accepted"


class SecondFactorRequired(Forbidden):
    code = "second_factor_required"
    title = "Staff accounts need a second factor first"


class MerchantNotFound(NotFound):
    code = "merchant_not_found"
    title = "There is no such merchant"


class MerchantAlreadyApproved(Conflict):
    code = "merchant_approved"
    title = "This merchant was approved already"


class MemberNotFound(NotFound):
    code = "member_not_found"
    title = "There is no such member"


class InvitationNotFound(NotFound):
    """No such invitation, not for this account's address, used, revoked, or too old."""

    code = "invitation_not_found"
    title = "This invitation is not open any more"


class AlreadyMember(Conflict):
    code = "already_member"
    title = "This account is a member already"


class LastOwner(Conflict):
    code = "last_owner"
    title = "A merchant needs at least one owner"


class MerchantSlugTaken(Conflict):
    code = "slug_taken"
    title = "Another merchant has this slug"


class OrganisationInvalid(Unprocessable):
    """A name, slug, lifetime or limit is out of bounds; ``field`` names it."""

    code = "organisation_invalid"
    title = "A value is out of its bounds"


class TooMany(Conflict):
    """The maximum number of merchants, members, keys or clients is reached; ``limit`` is that number."""

    code = "too_many"
    title = "The maximum number is reached"


class KeyNotActive(Conflict):
    code = "api_key_not_active"
    title = "This key was revoked, rotated or has expired"


class KeyNotFound(NotFound):
    code = "api_key_not_found"
    title = "There is no such API key"


class OwnAccount(Conflict):
    code = "own_account"
    title = "Administrators cannot lock their own account"


class ScopeNotAllowed(Forbidden):
    code = "scope_not_allowed"
    title = "You cannot grant these scopes"


class ClientNotFound(NotFound):
    code = "client_not_found"
    title = "There is no such client"


class ClientInvalid(Unprocessable):
    """``field`` is the member of the client that is wrong."""

    code = "client_invalid"
    title = "This client cannot be registered"


class ClientIdTaken(Conflict):
    code = "client_id_taken"
    title = "Another client has this id"


class ConsentNotFound(NotFound):
    """The request is unknown, for another account, already answered, or expired."""

    code = "consent_not_found"
    title = "This request is not open any more"


class CustomerGroupNotFound(NotFound):
    code = "customer_group_not_found"
    title = "There is no such customer group"


class CustomerGroupInvalid(Unprocessable):
    code = "customer_group_invalid"
    title = "This is not a customer group"


class TaxIdChanged(Conflict):
    """The buyer has stated another number since, or none."""

    code = "tax_id_changed"
    title = "The buyer has stated another tax number"


class BuyerFactsInvalid(Unprocessable):
    code = "buyer_facts_invalid"
    title = "These are not facts about a buyer"
