"""A connection to one cluster: every call has a deadline; translates the driver's errors to those of search.

``opensearch://user:password@host:9200,host:9200/prefix`` and ``elasticsearch://``; with an s (``opensearchs://``) over TLS. The
path is a prefix of index names, so that shops can share a cluster. ``?ssl_ca_certs=`` is a file of trusted certificates.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import msgspec
from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import OpenSearchException, SerializationError, TransportError
from opensearchpy.serializer import JSONSerializer

from renga.domains.search.contract import SearchUnavailable
from renga.platform.settings import SettingsInvalid

SCHEMES = ("opensearch", "opensearchs", "elasticsearch", "elasticsearchs")
PORT = 9200
READ_TIMEOUT_S = 3.0
WRITE_TIMEOUT_S = 30.0
TOO_MANY = 429
#: Creating an index waits for its shards.
ADMINISTER_TIMEOUT_S = 60.0
CONNECTIONS_MAX = 32
#: One more try on another host, for reads and writes: every write here may be repeated.
TRIES_MORE = 1
REASON_CHARS_MAX = 300
_PREFIX = re.compile(r"[a-z][a-z0-9-]{0,39}")


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a URL. ``prefix`` is the prefix of every index name."""

    hosts: tuple[tuple[str, int], ...]
    tls: bool
    username: str = ""
    password: str = ""
    prefix: str = "renga"
    tls_ca: str | None = None


def parse(url: str) -> Target:
    """Raises SettingsInvalid, whose text never contains the password."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise SettingsInvalid(f"the URL of a search server starts with one of {', '.join(s + '://' for s in SCHEMES)}")
    credentials, _, hosts = parts.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    prefix = parts.path.strip("/") or "renga"
    if not _PREFIX.fullmatch(prefix):
        raise SettingsInvalid(f"the prefix {prefix!r} of a search URL is not of small letters, digits and hyphens")
    return Target(
        hosts=tuple(_host(host, parts.scheme) for host in hosts.split(",")),
        tls=parts.scheme.endswith("hs"),
        username=unquote(username),
        password=unquote(password),
        prefix=prefix,
        tls_ca=parse_qs(parts.query).get("ssl_ca_certs", [None])[-1],
    )


def _host(text: str, scheme: str) -> tuple[str, int]:
    name, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not (name if colon else text) or (colon and not port.isdigit()):
        raise SettingsInvalid(f"{text!r} in a {scheme}:// URL is not a host with a port")
    return (name.strip("[]"), int(port)) if colon else (text.strip("[]"), PORT)


class Busy(SearchUnavailable):
    """The servers are overloaded (429): memory or queues are full. Nothing was done."""

    code = "search_busy"
    title = "Search has too much to do at the moment"


class _Serializer(JSONSerializer):
    """msgspec instead of the driver's json, because responses with many facets are long."""

    def dumps(self, data: Any) -> Any:
        return data if isinstance(data, (str, bytes)) else msgspec.json.encode(data).decode()

    def loads(self, data: str) -> Any:
        try:
            return msgspec.json.decode(data)
        except msgspec.DecodeError as error:
            raise SerializationError(data[:REASON_CHARS_MAX], error) from error


class OpenSearchConnection:
    """The REST calls of this adapter. ``close`` when done."""

    def __init__(self, target: Target) -> None:
        self.prefix = target.prefix
        options: dict[str, Any] = {}
        if target.username:
            options["http_auth"] = (target.username, target.password)
        if target.tls:
            options |= {"use_ssl": True, "verify_certs": True, "ca_certs": target.tls_ca}
        self._client = AsyncOpenSearch(
            hosts=[{"host": host, "port": port} for host, port in target.hosts],
            maxsize=CONNECTIONS_MAX,
            max_retries=TRIES_MORE,
            retry_on_timeout=False,
            retry_on_status=(502, 503, 504),
            serializer=_Serializer(),
            timeout=ADMINISTER_TIMEOUT_S,
            **options,
        )

    async def close(self) -> None:
        await self._client.close()

    async def call(
        self,
        method: str,
        *path: str,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        timeout_s: float = READ_TIMEOUT_S,
        expected: Sequence[int] = (),
    ) -> Any:
        """The decoded response. Error statuses in ``expected`` are returned too; raises SearchUnavailable for other failures,
        Busy if the same call may succeed later."""
        url = "/" + "/".join(quote(part, safe="*,") for part in path)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._client.transport.perform_request(
                    method, url, params=dict(params or {}), body=body, ignore=expected
                )
        except TimeoutError as error:
            raise SearchUnavailable(f"search did not answer within {timeout_s:g} s") from error
        except TransportError as error:
            if error.status_code == TOO_MANY:
                raise Busy(f"search is busy: {_reason(error)}") from error
            raise SearchUnavailable(f"search answered {_reason(error)}") from error
        except OpenSearchException as error:
            raise SearchUnavailable("search gave an answer that cannot be read") from error


def _reason(error: TransportError) -> str:
    """Status and kind of a failure; never the body, which may contain a customer's search text."""
    return f"{error.status_code}: {error.error}"[:REASON_CHARS_MAX]
