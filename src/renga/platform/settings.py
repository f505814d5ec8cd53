"""Settings: frozen structs, filled from defaults, ``renga.toml``, the environment and the command line, in this order.

A settings struct belongs to a section: ``RENGA_CART_LINES_MAX`` in the environment is ``lines_max`` under ``[cart]`` in
``renga.toml``; the section ``renga`` (the platform's own) has no prefix: ``RENGA_PORT``, ``port`` at the top of the file.
Every field is annotated with its description and its bounds, if any:
``Annotated[int, "lines per cart, at most", Meta(ge=1)]``.
"""

import difflib
import hmac
import os
import re
import secrets
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from renga.kernel.errors import Invalid

T = TypeVar("T", bound=msgspec.Struct)

MetricsReaders = Literal["local", "token", "everyone"]


class SettingsInvalid(Invalid):
    code = "settings_invalid"
    title = "A setting is wrong"


class Secret:
    """A text that is never printed: not in logs, tracebacks or ``renga settings``. ``reveal()`` returns it.

    It is not a ``str``, so that JSON encoders, ``join`` and formats cannot write it by accident.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret('••••')" if self._text else "Secret('')"

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")

    def reveal(self) -> str:
        """The text itself."""
        return self._text


class PlatformSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The platform's own settings. An empty URL means: the embedded engine under the data folder."""

    modules: Annotated[tuple[str, ...], "modules that this process runs (catalog, cart, …); empty: all of them"] = ()
    host: Annotated[str, "address the shop listens on"] = "127.0.0.1"
    port: Annotated[int, "port the shop listens on", Meta(ge=1, le=65_535)] = 8000
    data: Annotated[str, "folder of the embedded engines' data"] = ".renga"
    database: Annotated[str, "postgresql:// URL; empty: embedded"] = ""
    redis: Annotated[str, "redis:// rediss:// redis+cluster:// redis+sentinel:// URL; empty: embedded"] = ""
    media: Annotated[str, "s3:// URL of the merchants' pictures; empty: under the data folder"] = ""
    bus: Annotated[str, "amqp:// or redis:// URL; empty: Redis Streams on the redis above"] = ""
    public_url: Annotated[str, "address at which browsers and clients reach the shop; empty: http://host:port"] = ""
    cors_origins: Annotated[tuple[str, ...], "origins that browsers may call the API from"] = ()
    languages: Annotated[
        tuple[str, ...], "languages of pages and mails, the shop's own first; empty: every language with complete texts"
    ] = ()
    locales: Annotated[
        str, "folder with additional or changed texts: <language>/LC_MESSAGES/<package>.po; empty: none"
    ] = ""
    body_max_bytes: Annotated[int, "largest request body", Meta(ge=1_024, le=2**30)] = 1_048_576
    log_level: Annotated[str, "debug, info, warning or error"] = "info"
    log_format: Annotated[str, "console or json"] = "console"
    metrics: Annotated[
        MetricsReaders,
        "who reads /metrics: local (this machine, and tokens with metrics:read), token (those only), everyone",
    ] = "local"
    otlp_endpoint: Annotated[str, "OpenTelemetry collector (OTLP over HTTP); empty: no traces"] = ""
    secret: Annotated[Secret, "key for derived ids and signed cookies; empty: created once under the data folder"] = (
        Secret()
    )
    jwks: Annotated[str, "file with the public keys (JWKS) that verify access tokens; empty: the local key"] = ""
    token_issuer: Annotated[str, "required issuer of access tokens"] = "renga"
    drain_s: Annotated[float, "seconds that a stopping process waits for open requests", Meta(ge=0, le=3_600)] = 10.0


def public_url(platform: PlatformSettings) -> str:
    """Where browsers and clients reach the shop; also the issuer of its tokens."""
    return (platform.public_url or f"http://{platform.host}:{platform.port}").rstrip("/")


def secret_of(platform: PlatformSettings) -> bytes:
    """The configured secret, or the one in the data folder (created on first use, readable by its owner only).

    Raises SettingsInvalid.
    """
    if platform.secret:
        return platform.secret.reveal().encode()
    path = Path(platform.data) / "secret"
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
        return path.read_bytes()
    except OSError as error:
        raise SettingsInvalid(f"{path}: {error.strerror}; set RENGA_SECRET or choose another folder") from error


class Origin(msgspec.Struct, frozen=True):
    """Where a setting was set; ``value`` as ``renga settings`` may print it."""

    section: str
    name: str
    value: str
    origin: str
    description: str
    variable: str


class Sources:
    """The layers that settings come from, read once at start-up."""

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        file: Path | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self._overrides = dict(overrides or {})
        self._path = file if file is not None else Path(self._environment.get("RENGA_CONFIG", "renga.toml"))
        if "RENGA_CONFIG" in self._environment and file is None and not self._path.exists():
            raise SettingsInvalid(f"RENGA_CONFIG names {self._path}, and there is no such file")
        self._file = _read_toml(self._path)
        self.origins: list[Origin] = []
        self._known: set[str] = {"RENGA_CONFIG"}
        self._sections: set[str] = set()
        self._passed_over: set[str] = set()

    def load(self, section: str, cls: type[T]) -> T:
        """Fill a settings struct. Raises SettingsInvalid, naming the setting and where it was set."""
        values: dict[str, Any] = {}
        hints = get_type_hints(cls, include_extras=True)
        table = self._file if section == "renga" else self._file.get(section, {})
        self._sections.add(section)
        if not isinstance(table, dict):
            raise SettingsInvalid(f"{self._path}: {section!r} must be a table: [{section}]")
        for field in msgspec.structs.fields(cls):
            kind, description = _unwrap(hints[field.name])
            variable = "RENGA_" + (field.name if section == "renga" else f"{section}_{field.name}").upper()
            self._known.add(variable)
            raw, origin = self._lookup(section, field.name, variable, table)
            if origin == "default":
                values[field.name] = field.default
            else:
                values[field.name] = _convert(raw, kind, f"{variable} ({origin})")
            shown = mask(values[field.name])
            self.origins.append(Origin(section, field.name, shown, origin, description, variable))
        if section != "renga":
            unknown = sorted(set(table) - {f.name for f in msgspec.structs.fields(cls)})
            if unknown:
                raise SettingsInvalid(f"{self._path}: [{section}] has no setting named {unknown[0]!r}")
        return cls(**values)

    def is_set(self, name: str) -> bool:
        """Whether somebody set this setting of the platform, once it is loaded; else its default counts."""
        return any(o.origin != "default" for o in self.origins if (o.section, o.name) == ("renga", name))

    def passed_over(self, sections: Iterable[str]) -> list[str]:
        """The settings of sections that this process does not load: names of tables and variables, sorted."""
        found = []
        for section in sections:
            self._passed_over.add(section)
            if section in self._file and section not in self._sections:
                found.append(f"[{section}]")
            head = f"RENGA_{section}_".upper()
            found += [name for name in self._environment if name.startswith(head) and name not in self._known]
        return sorted(found)

    def check_unknown(self) -> None:
        """After all sections are loaded: raise SettingsInvalid for an unknown RENGA_ variable or file entry."""
        top = {o.name for o in self.origins if o.section == "renga"}
        for name in self._file:
            if name not in top | self._sections | self._passed_over:
                raise SettingsInvalid(f"{self._path}: there is no setting or section named {name!r}")
        heads = tuple(f"RENGA_{section}_".upper() for section in self._passed_over)
        for name in sorted(self._environment):
            if name.startswith("RENGA_") and not name.startswith(("RENGA_TEST_", *heads)) and name not in self._known:
                near = difflib.get_close_matches(name, self._known, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise SettingsInvalid(f"{name} is set in the environment, but there is no such setting{hint}")

    def _lookup(self, section: str, name: str, variable: str, table: Mapping[str, Any]) -> tuple[Any, str]:
        key = name if section == "renga" else f"{section}.{name}"
        if self._overrides.get(key) is not None:
            return self._overrides[key], "command line"
        if variable in self._environment:
            return self._environment[variable], "environment"
        if name in table:
            return table[name], str(self._path)
        return None, "default"


def _read_toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsInvalid(f"{path} is not valid TOML: {error}") from error


def _unwrap(annotation: Any) -> tuple[Any, str]:
    if get_origin(annotation) is Annotated:
        kind, *rest = get_args(annotation)
        for bounds in rest[1:]:
            kind = Annotated[kind, bounds]
        return kind, str(rest[0])
    return annotation, ""


def _convert(raw: Any, kind: Any, where: str) -> Any:
    if kind is Secret:
        if not isinstance(raw, str):
            raise SettingsInvalid(f"{where}: Expected `str`, got `{type(raw).__name__}`")
        return Secret(raw)
    if isinstance(raw, str) and get_origin(kind) is tuple:
        raw = [part.strip() for part in raw.split(",") if part.strip()]
    try:
        return msgspec.convert(raw, kind, strict=not isinstance(raw, str))
    except msgspec.ValidationError as error:
        raise SettingsInvalid(f"{where}: {error}") from error


def mask(value: Any) -> str:
    """A setting's value for printing: secrets hidden, URLs without their password."""
    if isinstance(value, Secret):
        return "••••" if value else ""
    text = ",".join(value) if isinstance(value, tuple) else str(value)
    return mask_url(text) if "://" in text else text


def mask_url(url: str) -> str:
    """The URL with its password (and secrets in its query) replaced by dots.

    Works for invalid URLs too: everything from the first colon of the user to the last ``@`` counts as the password.
    """
    scheme, separator, rest = url.partition("://")
    user, at, host = rest.rpartition("@")
    name, colon, _ = user.partition(":")
    shown = f"{name}{':••••' if colon else ''}{at}{host}"
    return scheme + separator + re.sub(r"(?i)([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&#]*", r"\1••••", shown)
