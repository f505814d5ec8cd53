"""Colours of pictures: by their profile to sRGB, and to the modes that are written."""

import io
from collections.abc import Callable

from PIL import Image, ImageCms

_PROFILE_BYTES_MAX = 1 << 20

Filter = Callable[[Image.Image], Image.Image]


def srgb_filter(image: Image.Image) -> Filter | None:
    """Converts to sRGB by the picture's colour profile; an unreadable profile is ignored."""
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or len(profile) > _PROFILE_BYTES_MAX or image.mode not in ("RGB", "RGBA", "CMYK"):
        return None
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), image.mode, mode)
        transform.apply(Image.new(image.mode, (1, 1)))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return transform.apply


def _is_transparent(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


def is_plain(image: Image.Image) -> bool:
    return image.mode == "RGBA" or (image.mode == "RGB" and not _is_transparent(image))


def plain(image: Image.Image) -> Image.Image:
    """Pixels in RGB, or RGBA where some are transparent."""
    if is_plain(image):
        return image
    transparent = _is_transparent(image)
    if image.mode.startswith("I"):  # 16-bit grey: Pillow's own conversion clips bright values
        image = image.point(lambda value: value / 256).convert("L") if image.mode.startswith("I;16") else image
    return image.convert("RGBA" if transparent else "RGB")
