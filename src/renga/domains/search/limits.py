"""Limits of search's use cases."""

#: Members of a collection that a search within it includes.
COLLECTION_MAX = 1_000
#: How long categories, types and collections are cached.
TAXONOMY_KEPT_MS = 15_000
#: Synonyms and pins are read again after this long, also without an event.
STEERING_KEPT_S = 30.0
#: Variants by synonyms that are searched beside the given text.
VARIANTS_MAX = 6
#: With fewer hits than this, a correction is suggested.
FEW = 3
#: Products per call of the catalogue and per batch of the index.
BATCH_MAX = 500
#: Texts without results that are buffered, and the interval of writing them.
NOTHING_MAX, NOTHING_WRITE_S = 1_000, 5.0
SYNONYMS_MAX, SYNONYM_WORDS_MAX, SYNONYM_CHARS_MAX = 2_000, 20, 100
PINS_MAX = 100
FINDINGS_MAX = 100
#: Half-life of the demand for a product, and the demand at which its popularity is 0.5.
DEMAND_HALF_LIFE_MS, DEMAND_HALF = 14 * 24 * 3600 * 1000, 20.0
