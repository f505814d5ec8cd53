"""Pictures, films and documents, in the requested size if sizes exist."""

import re
from enum import Enum

import msgspec
import strawberry

from renga.domains.catalog.contract import Media as Picture
from renga.frontends.bff.graphql.fields import own, public
from renga.frontends.bff.graphql.sources import ReaderTerms
from renga.frontends.bff.graphql.texts import say

#: Widths in pixels of the stored variants of uploaded pictures, as ``platform/media`` makes them.
WIDTHS = (160, 320, 640, 1280, 2048)
_UPLOADED = re.compile(r"/media/[0-9a-f]{16,128}")


class OfMedia(msgspec.Struct, frozen=True):
    media: Picture
    asked: ReaderTerms


@strawberry.enum(description="The kind of a media file.")
class MediaKind(Enum):
    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"


def sized(url: str, size: int | None) -> str:
    """The URL of the picture at least ``size`` pixels wide if it was uploaded here; any other URL is unchanged."""
    if size is None or not _UPLOADED.fullmatch(url):
        return url
    width = next((width for width in WIDTHS if width >= size), WIDTHS[-1])
    return f"{url}/{width}.webp"


def _url(root: strawberry.Parent[OfMedia], size: int | None = None) -> str:
    return sized(root.media.url, size) if root.media.kind == "image" else root.media.url


def _kind(root: strawberry.Parent[OfMedia]) -> MediaKind:
    return MediaKind(root.media.kind)


def _alt(root: strawberry.Parent[OfMedia]) -> str | None:
    return say(root.media.alt, root.asked.preferred)


@strawberry.type(name="Media", description="A picture, film or document.")
class GraphMedia:
    url: str = public(_url, "The URL; for a picture uploaded here, of the stored size at least `size` pixels wide.")
    kind: MediaKind = public(_kind, "The kind of the file.")
    alt: str | None = public(_alt, "Alternative text.")
    width: int | None = public(own("media.width"), "Pixels of the original.")
    height: int | None = public(own("media.height"), "Pixels of the original.")
