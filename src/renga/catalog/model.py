"""Pure rules of the catalogue: slugs, GTIN check digits, and what a new state of a product means."""

import re
import unicodedata
from collections.abc import Callable, Iterator

import msgspec

from renga.catalog.contract import Offer, Product, Texts, Variant
from renga.catalog.events import PriceChanged, ProductUpdated
from renga.catalog.limits import SLUG_CHARS_MAX
from renga.kernel.events import Event

SOURCE = "renga/catalog"
GTIN_LENGTHS = (8, 12, 13, 14)

#: Letters that Unicode does not take apart into a base letter and a mark.
_PLAIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "\u0131": "i"}
)
_GAPS = re.compile(r"[^a-z0-9]+")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


class Draft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A product as someone wants it to be: valid and normalised, not yet compared with what the shop has.

    ``shelves`` names the categories (slug to title) for the case that the shop does not have them yet.
    """

    slug: str
    title: Texts
    description: Texts = {}
    brand: str | None = None
    categories: tuple[str, ...] = ()
    image: str | None = None
    variants: tuple[Variant, ...] = ()
    attributes: dict[str, str | int | float | bool] = {}
    shelves: dict[str, Texts] = {}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A product to write: its new state, its facts, and the categories to create if they are missing."""

    product: Product
    events: tuple[Event, ...]
    shelves: dict[str, Texts] = {}

    @property
    def is_new(self) -> bool:
        return self.product.version == 1


def slugify(text: str) -> str:
    """``Caneca Aurora, Nº 2`` → ``caneca-aurora-no-2``; empty if nothing of the text is Latin letters or digits."""
    lowered = text.lower()
    if not lowered.isascii():
        lowered = unicodedata.normalize("NFKD", lowered.translate(_PLAIN)).lower()
        lowered = "".join(c for c in lowered if not unicodedata.combining(c))
    slug = _GAPS.sub("-", lowered).strip("-")
    if len(slug) > SLUG_CHARS_MAX:
        slug = slug[: SLUG_CHARS_MAX + 1].rpartition("-")[0] or slug[:SLUG_CHARS_MAX]
    return slug


def is_slug(text: str) -> bool:
    return len(text) <= SLUG_CHARS_MAX and _SLUG.match(text) is not None


def gtin_problem(text: str) -> str | None:
    """Why this is not a GTIN, or None (GS1 General Specifications §7.9: weights 3 and 1 from the right, modulo 10)."""
    if not (text.isascii() and text.isdigit()):
        return f"{text[:40]!r} is not made of digits"
    if len(text) not in GTIN_LENGTHS:
        return f"{text[:40]!r} has {len(text)} digits; a GTIN has 8, 12, 13 or 14"
    digits = [ord(c) - 48 for c in reversed(text)]
    expected = -(3 * sum(digits[1::2]) + sum(digits[2::2])) % 10
    return None if digits[0] == expected else f"{text!r} has the check digit {digits[0]}, it must be {expected}"


def decide(current: Product | None, draft: Draft, *, at: str, new_id: Callable[[], str]) -> Change | None:
    """What to write so that the product is as the draft says; None if it already is. ``at`` is RFC 3339."""
    if current is not None and same(current, draft):
        return None
    product = Product(
        id=current.id if current else new_id(),
        slug=draft.slug,
        version=current.version + 1 if current else 1,
        title=draft.title,
        description=draft.description,
        brand=draft.brand,
        categories=draft.categories,
        image=draft.image,
        variants=draft.variants,
        attributes=draft.attributes,
        created_at=current.created_at if current else at,
        updated_at=at,
    )
    facts = [updated(current, product), *price_changes(current, product)]
    return Change(product=product, events=tuple(_event(f, product, at, new_id) for f in facts), shelves=draft.shelves)


def same(current: Product, draft: Draft) -> bool:
    """Is there nothing to change? (Python holds ``1 == True``, but one that turned into the other did change.)"""
    return (
        current.title == draft.title
        and current.description == draft.description
        and current.brand == draft.brand
        and current.categories == draft.categories
        and current.image == draft.image
        and current.variants == draft.variants
        and current.attributes == draft.attributes
        and all(isinstance(v, bool) == isinstance(current.attributes[k], bool) for k, v in draft.attributes.items())
    )


def updated(old: Product | None, new: Product) -> ProductUpdated:
    skus = dict.fromkeys(v.sku for product in (old, new) if product for v in product.variants)
    return ProductUpdated(product_id=new.id, slug=new.slug, version=new.version, skus=tuple(skus))


def price_changes(old: Product | None, new: Product) -> Iterator[PriceChanged]:
    """One per (sku, currency) of a product that existed before whose amount is another now; a new product has none."""
    if old is None:
        return
    before = {(v.sku, currency): amount for v in old.variants for currency, amount in v.prices.items()}
    after = {(v.sku, currency): amount for v in new.variants for currency, amount in v.prices.items()}
    for sku, currency in before | after:
        was, amount = before.get((sku, currency)), after.get((sku, currency))
        if was != amount:
            yield PriceChanged(
                product_id=new.id,
                slug=new.slug,
                version=new.version,
                sku=sku,
                currency=currency,
                amount=amount,
                was=was,
            )


def offers_of(product: Product) -> Iterator[Offer]:
    """What a cart needs to know of each variant; a variant without a picture shows its product's."""
    for variant in product.variants:
        yield Offer(
            sku=variant.sku,
            slug=product.slug,
            title=product.title,
            options=variant.options,
            prices=variant.prices,
            image=variant.image or product.image,
            product_version=product.version,
        )


def _event(fact: msgspec.Struct, product: Product, at: str, new_id: Callable[[], str]) -> Event:
    return Event(
        id=new_id(),
        source=SOURCE,
        type=f"catalog.{type(fact).__name__}",
        subject=product.id,
        time=at,
        data=msgspec.to_builtins(fact),
        sequence=product.version,
    )
