"""Pure rules of accounts: e-mail and postal addresses, names, second factors, normalised codes and links."""

import hashlib
import ipaddress
import re
import unicodedata
from collections.abc import Iterable

import msgspec

from renga.domains.identity.accounts.model.values import Person
from renga.domains.identity.contract import STAFF, Account, Address, EmailInvalid, NameInvalid, Stakeholder
from renga.kernel.address import PostalAddressInvalid
from renga.kernel.clock import rfc3339
from renga.kernel.email_address import normal_email

NAME_CHARACTERS_MAX = 200

#: Kinds of staff: their login is complete only with a second factor.

ADDRESSES_MAX = 20
ADDRESS_FIELD_MAX = 200
_CEP = re.compile(r"\d{8}")
_COUNTRY = re.compile(r"[A-Z]{2}")

#: Prefix length of one IPv6 network (RFC 6177: a site has at least a /64).
IPV6_PREFIX = 64


def email_or_none(text: str) -> str | None:
    """The normal form, or None for an invalid address, where both must have the same outcome."""
    try:
        return normal_email(text)
    except EmailInvalid:
        return None


def normal_name(text: str) -> str:
    """A person's name in NFC, spaces collapsed. Raises NameInvalid."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(name) <= NAME_CHARACTERS_MAX or any(unicodedata.category(c) in ("Cc", "Cf") for c in name):
        raise NameInvalid()
    return name


def is_staff(stakeholders: Iterable[Stakeholder]) -> bool:
    return bool(STAFF & set(stakeholders))


def needs_second_factor(person: Person) -> bool:
    """Is a password alone not enough? True for staff, and for others once they have set up a second factor."""
    return person.totp or is_staff(person.stakeholders)


def account_of(person: Person) -> Account:
    """The person as the contract shows them."""
    return Account(
        id=person.id,
        email=person.email,
        email_verified=person.verified_ms is not None,
        name=person.name,
        language=person.language,
        stakeholders=person.stakeholders,
        second_factor=person.totp,
        passkeys=person.passkeys,
        created_at=rfc3339(person.created_ms),
    )


def has_password_login(person: Person) -> bool:
    """May the account log in by password: verified, neither erased nor locked, with a password?"""
    return may_enter(person) and person.verified_ms is not None and person.password is not None


def may_enter(person: Person) -> bool:
    """May this account log in at all, whatever the credential?"""
    return person.erased_ms is None and person.locked_ms is None


def without_person(person: Person, at_ms: int) -> Person:
    """The row after an erasure: only id and times, for records."""
    return msgspec.structs.replace(
        person, email="", name="", password=None, verified_ms=None, stakeholders=(), erased_ms=at_ms
    )


def digest(link_or_code: str) -> bytes:
    """The stored hash of a random link or code; with 80 bits of entropy or more, plain SHA-256 is enough."""
    return hashlib.sha256(link_or_code.encode()).digest()


def normal_code(text: str) -> str:
    """A typed code without separators."""
    return re.sub(r"[\s-]", "", text).upper()


def network_of(address: str) -> str:
    """The network for counting failures: an IPv4 address, the /64 of an IPv6 address, else the text itself."""
    try:
        ip = ipaddress.ip_address(address.strip())
    except ValueError:
        return address.strip()[:NAME_CHARACTERS_MAX]
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((int(ip), IPV6_PREFIX), strict=False).network_address)
    return str(ip)


def checked_address(address: Address) -> Address:
    """The address with trimmed fields. Raises PostalAddressInvalid, naming the field."""
    values = {name: " ".join(str(getattr(address, name)).split()) for name in Address.__struct_fields__}
    values["country"] = values["country"].upper()
    if values["country"] == "BR":
        values["postal_code"] = values["postal_code"].replace("-", "")
    for field in ("name", "line1", "city", "region", "postal_code", "country"):
        if not values[field]:
            raise PostalAddressInvalid(f"{field} is needed", field=field)
    for field, value in values.items():
        if not value.isprintable():
            raise PostalAddressInvalid(f"{field} has a character that cannot be printed", field=field)
        if len(value) > ADDRESS_FIELD_MAX:
            raise PostalAddressInvalid(f"{field} has more than {ADDRESS_FIELD_MAX} characters", field=field)
    if not _COUNTRY.fullmatch(values["country"]):
        raise PostalAddressInvalid("country is two letters (ISO 3166-1)", field="country")
    if values["country"] == "BR" and not _CEP.fullmatch(values["postal_code"]):
        raise PostalAddressInvalid("a CEP has 8 digits", field="postal_code")
    return Address(**values)
