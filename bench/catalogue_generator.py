"""Generates millions of plausible products, reproducible by seed; words, brands and attributes are skewed as in real shops.

Frequencies follow Zipf's law (Zipf, "Human Behavior and the Principle of Least Effort", 1949): the n-th most frequent word comes
1/n as often as the first. Product n depends only on the seed and n, so that any part can be generated separately.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from functools import lru_cache

import msgspec

WORDS, BRANDS, KINDS, ATTRIBUTES, VALUES = 30_000, 2_000, 600, 800, 400
TITLE_WORDS, DESCRIPTION_WORDS = (2, 5), (12, 30)
ATTRIBUTES_MAX = 6
PRODUCTS_MAX = 10_000_000
_ONSETS = ("b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "br", "tr", "ch", "pl", "qu", "st", "")
_RIMES = ("a", "e", "i", "o", "u", "an", "er", "in", "or", "al", "ão", "é", "ei", "es", "um", "on")


class GeneratedProduct(msgspec.Struct, frozen=True, kw_only=True):
    """One product in a neutral form that benchmarks convert. Prices are minor units; ``updated`` counts days."""

    number: int
    slug: str
    sku: str
    gtin: str
    title: str
    description: str
    brand: str
    kind: str
    category: str
    texts: dict[str, str]
    numbers: dict[str, float]
    price_minor: int
    available: bool
    popularity: float
    day: int


class Words(msgspec.Struct, frozen=True):
    """Names in the order of their frequency, with the sums of the weights 1, 1/2, 1/3 ..."""

    names: tuple[str, ...]
    sums: tuple[float, ...]

    def draw(self, chance: random.Random, count: int = 1) -> list[str]:
        return chance.choices(self.names, cum_weights=self.sums, k=count)


@lru_cache(maxsize=32)
def words(seed: int, kind: str, count: int, syllables: int) -> Words:
    """``count`` different words of at least ``syllables`` syllables."""
    chance = random.Random(f"{seed}:{kind}")
    names: dict[str, None] = {}
    while len(names) < count:
        parts = [chance.choice(_ONSETS) + chance.choice(_RIMES) for _ in range(syllables + chance.randrange(3))]
        names["".join(parts)] = None
    return Words(tuple(names), tuple(itertools.accumulate(1 / n for n in range(1, count + 1))))


def product(number: int, seed: int = 1) -> GeneratedProduct:
    """Product ``number``, from 0."""
    chance = random.Random(seed * PRODUCTS_MAX + number)
    vocabulary, kinds = words(seed, "word", WORDS, 2), words(seed, "kind", KINDS, 2)
    kind = kinds.draw(chance)[0]
    brand = words(seed, "brand", BRANDS, 2).draw(chance)[0].title()
    title = " ".join([kind, brand, *vocabulary.draw(chance, chance.randint(*TITLE_WORDS))]).capitalize()
    texts, numbers = _attributes(chance, seed, vocabulary)
    return GeneratedProduct(
        number=number,
        slug=f"product-{number}",
        sku=f"SKU-{number:08d}",
        gtin=_gtin(number),
        title=title,
        description=" ".join(vocabulary.draw(chance, chance.randint(*DESCRIPTION_WORDS))).capitalize() + ".",
        brand=brand,
        kind=kind,
        category=f"shelf-{kinds.names.index(kind) // 10}",
        texts=texts,
        numbers=numbers,
        price_minor=round(chance.lognormvariate(8.5, 1.0)) * 10 + 99,
        available=chance.random() < 0.85,
        popularity=round(1 / (1 + chance.paretovariate(1.0)), 4),
        day=chance.randrange(1_000),
    )


def products(count: int, seed: int = 1, first: int = 0) -> Iterator[GeneratedProduct]:
    """``count`` products from number ``first``."""
    return (product(number, seed) for number in range(first, first + count))


def queries(count: int, seed: int = 1) -> Sequence[str]:
    """Typical queries: a kind, a kind with a word, a brand, two words; frequent words occur more often."""
    chance = random.Random(f"{seed}:queries")
    vocabulary, kinds = words(seed, "word", WORDS, 2), words(seed, "kind", KINDS, 2)
    brands = words(seed, "brand", BRANDS, 2)
    shapes = ((kinds,), (kinds, vocabulary), (brands, kinds), (vocabulary, vocabulary), (kinds, vocabulary, vocabulary))
    return [" ".join(part.draw(chance)[0] for part in chance.choice(shapes)) for _ in range(count)]


def _attributes(chance: random.Random, seed: int, vocabulary: Words) -> tuple[dict[str, str], dict[str, float]]:
    names = words(seed, "attribute", ATTRIBUTES, 2).draw(chance, chance.randrange(ATTRIBUTES_MAX))
    texts: dict[str, str] = {}
    numbers: dict[str, float] = {}
    for name in dict.fromkeys(names):
        if len(name) % 3:
            texts[name] = vocabulary.names[min(int(chance.paretovariate(0.8)) - 1, VALUES)]
        else:
            numbers[name] = round(chance.lognormvariate(2, 1), 1)
    return texts, numbers


def _gtin(number: int) -> str:
    """A GTIN-13 of the range for use inside a shop (GS1 prefix 20 to 29), with its check digit."""
    digits = f"29{number:010d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
