"""The picture of a page that every social network reads."""

import re

from renga.frontends.web.shop import Shop

#: Of a picture that was uploaded here; social networks read JPEG and PNG, not WebP or SVG.
_SOCIAL_WIDTH = 1280
_UPLOADED = re.compile(r"/media/[0-9a-f]{64}")
_READ_BY_ALL = (".jpg", ".jpeg", ".png")
#: The shop's own picture, 1200 by 630.
_CARD = "social.jpg"


def social_image(shop: Shop, image: str | None) -> str:
    """The whole address of the page's picture as JPEG or PNG: its own where there is one in such a format, else the shop's."""
    if image and _UPLOADED.fullmatch(image):
        return f"{shop.base}{image}/{_SOCIAL_WIDTH}.jpg"
    if image and image.partition("?")[0].lower().endswith(_READ_BY_ALL):
        return image if "://" in image else f"{shop.base}{image}"
    return f"{shop.base}{shop.assets.url(_CARD)}"
