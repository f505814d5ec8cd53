"""Pictures in an S3 bucket, through obstore. Credentials come from the environment, never from the URL."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from renga.platform.media.port import MediaUnavailable
from renga.platform.settings import SettingsInvalid

if TYPE_CHECKING:  # obstore has its types in stubs only
    from obstore.store import S3Config

T = TypeVar("T")

#: Time-outs of one attempt and of a request with all its attempts.
TIMEOUT = timedelta(seconds=10)
CONNECT_TIMEOUT = timedelta(seconds=3)
RETRIES_MAX = 2
RETRIES_TIMEOUT = timedelta(seconds=15)
DEFAULT_REGION = "us-east-1"
_OPTIONS = frozenset({"endpoint", "region"})


class ObjectMedia:
    """``MediaStore`` on ``s3://bucket/prefix?endpoint=…&region=…``. Raises SettingsInvalid for another URL."""

    def __init__(self, url: str) -> None:
        self._store = _open(url)

    async def put(self, name: str, content: bytes, media_type: str) -> None:
        try:
            await _asked(obstore.put_async(self._store, name, content, attributes={"Content-Type": media_type}))
        except _Missing as error:
            raise MediaUnavailable("the media bucket does not exist") from error

    async def get(self, name: str) -> bytes | None:
        try:
            found = await _asked(obstore.get_async(self._store, name))
            return bytes(await _asked(found.bytes_async()))
        except _Missing:
            return None

    async def exists(self, name: str) -> bool:
        try:
            await _asked(obstore.head_async(self._store, name))
        except _Missing:
            return False
        return True

    async def close(self) -> None:
        """The driver closes idle connections by itself."""


class _Missing(Exception):
    """There is no such object."""


async def _asked(request: Awaitable[T]) -> T:
    """The result of one request. Raises _Missing, MediaUnavailable (without the server's message)."""
    try:
        return await request
    except (NotFoundError, FileNotFoundError) as error:
        if "NoSuchBucket" in str(error):
            raise MediaUnavailable("the media bucket does not exist") from error
        raise _Missing from error
    except (BaseError, OSError) as error:
        raise MediaUnavailable(f"the media bucket cannot be used: {type(error).__name__}") from error


def _open(url: str) -> S3Store:
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if parts.username or parts.password:
        raise SettingsInvalid("media: credentials do not belong into the URL; set AWS_ACCESS_KEY_ID and the like")
    if not parts.hostname or options.keys() - _OPTIONS:
        raise SettingsInvalid("media: an S3 URL is s3://bucket/prefix?endpoint=…&region=…")
    endpoint = options.get("endpoint", "")
    if endpoint and urlsplit(endpoint).scheme not in ("http", "https"):
        raise SettingsInvalid("media: the endpoint must be an http:// or https:// address")
    config: S3Config = {"region": options.get("region", DEFAULT_REGION)}
    if endpoint:
        config["endpoint"] = endpoint
        config["virtual_hosted_style_request"] = False
    return S3Store(
        parts.hostname,
        prefix=parts.path.strip("/") or None,
        config=config,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "timeout": TIMEOUT,
            "connect_timeout": CONNECT_TIMEOUT,
        },
        retry_config={"max_retries": RETRIES_MAX, "retry_timeout": RETRIES_TIMEOUT},
    )
