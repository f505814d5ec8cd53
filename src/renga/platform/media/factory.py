"""Makes the media store of a URL: s3:// a bucket, empty: the folder ``media`` under the data folder."""

from collections.abc import Callable
from pathlib import Path

from renga.platform.media.folder import FolderMedia
from renga.platform.media.port import MediaStore
from renga.platform.settings import SettingsInvalid

FOLDER = "media"


def make_media(url: str, data: Path, new_id: Callable[[], str]) -> MediaStore:
    """Raises SettingsInvalid for a URL of another kind."""
    if not url:
        return FolderMedia(data / FOLDER, new_id)
    if url.startswith("s3://"):
        # imported here: the driver costs memory that a shop with a folder should not need
        from renga.platform.media.object_store import ObjectMedia

        return ObjectMedia(url)
    raise SettingsInvalid(f"media: {url.partition(':')[0]!r} is not a kind of media store; it is s3:// or empty")
