"""Pure rules of client registration: id, grants, scopes, redirect URIs and authentication."""

import ipaddress
import re
from typing import get_args
from urllib.parse import urlsplit

import msgspec

from renga.domains.identity.clients.model.key_set import checked_jwks
from renga.domains.identity.contract import Client, ClientInvalid, IdTokenAlgorithm
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.oauth.model.redirects import registrable
from renga.domains.identity.organisations.model.limits import (
    CLIENT_ID_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    REDIRECT_URI_CHARACTERS_MAX,
    REDIRECT_URIS_MAX,
)
from renga.kernel.ids import canonical_uuid

GRANTS = frozenset({"authorization_code", "refresh_token", "client_credentials"})

_ID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{2,{CLIENT_ID_CHARACTERS_MAX - 1}}}", re.ASCII)
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.ASCII)
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+", re.ASCII)


def checked_client(client: Client, grants: Grants) -> Client:
    """The normalised client (``checked_client_id`` checks its id). Raises ClientInvalid, naming the field."""
    name = client.name.strip()
    if not 1 <= len(name) <= NAME_CHARACTERS_MAX or not name.isprintable():
        raise _wrong("name", f"a name has 1 to {NAME_CHARACTERS_MAX} printable characters")
    if client.secret_hashed is not None:
        raise _wrong("secret_hashed", "a secret is made here and not brought along")
    if client.account_id is not None and canonical_uuid(client.account_id) != client.account_id:
        raise _wrong("account_id", "this is no account's id")
    _check_grants(client, grants)
    _check_uris(client)
    if client.id_token_signed_response_alg not in get_args(IdTokenAlgorithm):
        raise _wrong(
            "id_token_signed_response_alg", f"ID tokens are signed with {' or '.join(get_args(IdTokenAlgorithm))}"
        )
    if client.auth_method == "private_key_jwt":
        checked_jwks(client.jwks)
    elif client.jwks is not None:
        raise _wrong("jwks", "only private_key_jwt has a key set")
    return msgspec.structs.replace(client, name=name, scopes=tuple(dict.fromkeys(client.scopes)))


def checked_client_id(client_id: str) -> str:
    """Raises ClientInvalid. An id is never a UUID, because it is a token's subject where account ids (UUIDs) also appear."""
    if not _ID.fullmatch(client_id) or canonical_uuid(client_id):
        raise _wrong(
            "id", f"an id has 3 to {CLIENT_ID_CHARACTERS_MAX} letters, digits, '.', '_' or '-', and is no UUID"
        )
    return client_id


def checked_redirect_uri(uri: str, field: str = "redirect_uris") -> str:
    """A redirect URI, to be matched exactly. Raises ClientInvalid.

    Allowed: https; http on loopback (127.0.0.1, [::1], localhost; with its port); a private scheme with a dot (RFC 8252 §7.1).
    Refused, because parsers disagree on it: fragment, user info, wildcard, dot segment, unusual host.
    """
    if len(uri) > REDIRECT_URI_CHARACTERS_MAX or not registrable(uri) or "*" in uri:
        raise _wrong(field, f"{uri[:80]!r} is not https, the own machine or a private scheme with a dot")
    parts = urlsplit(uri)
    if not uri.startswith(f"{parts.scheme}:"):
        raise _wrong(field, "the scheme is written in lower case")
    if any(segment.lower().replace("%2e", ".") in (".", "..") for segment in parts.path.split("/")):
        raise _wrong(field, "there is a dot segment in the path")
    if parts.scheme in ("https", "http"):
        if not uri.startswith(f"{parts.scheme}://") or not _is_host(parts.hostname or "") or parts.port == 0:
            raise _wrong(field, f"{uri[:80]!r} has no plain host")
        if parts.netloc != parts.netloc.lower() or parts.netloc.endswith(":"):
            raise _wrong(field, "the host is written in lower case, with a port or without a colon")
    elif not _PRIVATE_SCHEME.fullmatch(parts.scheme) or not parts.path.startswith("/"):
        raise _wrong(field, "a private scheme is a domain turned round, followed by :/ and a path")
    return uri


def _check_grants(client: Client, grants: Grants) -> None:
    types = set(client.grant_types)
    if not types or types - GRANTS:
        raise _wrong("grant_types", f"grants are of {', '.join(sorted(GRANTS))}")
    if "refresh_token" in types and "authorization_code" not in types:
        raise _wrong("grant_types", "refresh tokens come with authorization codes only")
    service = "client_credentials" in types
    if service and len(types) > 1:
        raise _wrong("grant_types", "a client acts for people or for itself; register two")
    if service and (client.auth_method == "none" or client.first_party):
        raise _wrong("auth_method", "a client that acts for itself proves who it is, and nobody sees a consent screen")
    unknown = set(client.scopes) - (grants.for_services if service else grants.for_people)
    if unknown:
        raise _wrong("scopes", f"such a client cannot have {', '.join(sorted(unknown))[:200]}")


def _check_uris(client: Client) -> None:
    interactive = "authorization_code" in client.grant_types
    if interactive != bool(client.redirect_uris) or (client.post_logout_redirect_uris and not interactive):
        raise _wrong("redirect_uris", "authorization codes need an address to go to, other grants have none")
    for field in ("redirect_uris", "post_logout_redirect_uris"):
        uris: tuple[str, ...] = getattr(client, field)
        if len(uris) > REDIRECT_URIS_MAX or len(set(uris)) != len(uris):
            raise _wrong(field, f"at most {REDIRECT_URIS_MAX} addresses, each once")
        for uri in uris:
            checked_redirect_uri(uri, field)


def _is_host(host: str) -> bool:
    if ":" in host:
        try:
            return ipaddress.IPv6Address(host).scope_id is None
        except ValueError:
            return False
    if not _HOST.fullmatch(host):
        return False
    try:
        # a dotted IPv4 address or a host name: "2130706433", "0x7f.1" and "127.1" are neither
        return bool(ipaddress.IPv4Address(host))
    except ValueError:
        return not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", host.rpartition(".")[2])


def _wrong(field: str, what: str) -> ClientInvalid:
    return ClientInvalid(what, field=field)
