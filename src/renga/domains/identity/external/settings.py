"""Configuration of external identity providers: a TOML file with one table per provider."""

import tomllib
from pathlib import Path

import msgspec

from renga.platform.auth.trusted_address import trusted_address
from renga.platform.settings import Secret, SettingsInvalid

PROVIDERS_MAX = 20


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``issuer`` is the base URL of its discovery document: Google, Keycloak, Firebase Auth, any OpenID provider."""

    id: str
    name: str
    issuer: str
    client_id: str
    client_secret: Secret
    scope: str = "openid email profile"


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    issuer: str
    client_id: str
    client_secret: str = ""
    scope: str = "openid email profile"


def read_providers(path: str) -> dict[str, ProviderSettings]:
    """Read the providers of a file: ``[google]`` with name, issuer, client_id, client_secret. Raises SettingsInvalid."""
    if not path:
        return {}
    try:
        tables = msgspec.toml.decode(Path(path).read_bytes(), type=dict[str, _Table])
    except (OSError, tomllib.TOMLDecodeError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{path} is not a list of identity providers: {error}") from error
    if len(tables) > PROVIDERS_MAX:
        raise SettingsInvalid(f"{path} has more than {PROVIDERS_MAX} identity providers")
    return {name: _provider(name, table, path) for name, table in tables.items()}


def _provider(name: str, table: _Table, path: str) -> ProviderSettings:
    if not name.isidentifier() or not name.isascii():
        raise SettingsInvalid(f"{path}: {name[:40]!r} is not a plain name")
    if not trusted_address(table.issuer):
        raise SettingsInvalid(f"{path}: the issuer of {name} must be https:// (or on this machine)")
    return ProviderSettings(
        id=name,
        name=table.name,
        issuer=table.issuer,
        client_id=table.client_id,
        client_secret=Secret(table.client_secret),
        scope=table.scope,
    )
