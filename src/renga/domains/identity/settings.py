"""The settings of identity: sections ``identity`` (``RENGA_IDENTITY_…``) and ``passwords`` (``RENGA_PASSWORDS_…``)."""

from typing import Annotated

import msgspec
from msgspec import Meta


class IdentitySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lifetimes and paths of the authorization server."""

    access_life_s: Annotated[int, "lifetime of an access token in seconds", Meta(ge=60, le=3_600)] = 600
    id_token_life_s: Annotated[int, "lifetime of an ID token in seconds", Meta(ge=60, le=3_600)] = 300
    code_life_s: Annotated[int, "lifetime of an authorization code in seconds", Meta(ge=10, le=60)] = 60
    par_life_s: Annotated[int, "lifetime of a pushed authorization request in seconds", Meta(ge=10, le=600)] = 60
    request_life_s: Annotated[int, "seconds a person has to log in and consent", Meta(ge=60, le=3_600)] = 600
    refresh_idle_days: Annotated[int, "days after which an unused refresh token expires", Meta(ge=1, le=365)] = 30
    refresh_absolute_days: Annotated[int, "days after which a person must log in again", Meta(ge=1, le=365)] = 90
    refresh_grace_s: Annotated[int, "seconds in which an old refresh token counts as a race", Meta(ge=0, le=60)] = 10
    key_rotation_days: Annotated[int, "days a signing key signs", Meta(ge=1, le=365)] = 90
    key_publication_s: Annotated[int, "seconds a key is published before it signs", Meta(ge=0)] = 3_600
    key_overlap_s: Annotated[int, "seconds a key is published after it signed", Meta(ge=3_700)] = 86_400
    login_path: Annotated[str, "page where people log in; it takes ?next="] = "/login"
    consent_path: Annotated[str, "page that asks for consent; it takes ?request="] = "/oauth/consent"
    refused_path: Annotated[str, "page that tells why a login for an application was refused; it takes ?error="] = (
        "/oauth/refused"
    )
    logged_out_path: Annotated[str, "page after logging out"] = "/"
    merchant_approval: Annotated[bool, "do new merchants wait until an administrator approves them?"] = True
    providers: Annotated[str, "TOML file that lists external identity providers; empty: none"] = ""


class PasswordSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Argon2id's parameters (RFC 9106); a hash with other parameters is recomputed at the next login."""

    argon2_memory_kib: Annotated[int, "memory of one password hash, KiB", Meta(ge=8, le=4_194_304)] = 47_104
    argon2_passes: Annotated[int, "passes over that memory", Meta(ge=1, le=100)] = 2
    argon2_lanes: Annotated[int, "lanes of one password hash", Meta(ge=1, le=16)] = 1
